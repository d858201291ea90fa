/** Aliases: names for keys, unique in a region, that can be pointed at another key. */
import type * as Kms from '@aws-sdk/client-kms';
import type { Checked } from '../../checked.ts';
import { ApiError, type Operation } from '../../service.ts';
import { aliasArn, invalid, keyOf, notFound, notPending, page } from './shared.ts';
import { type Alias, kmsState } from './state.ts';

// F-525
function checkName(name: string): void {
  if (!name.startsWith('alias/') || name === 'alias/') {
    throw invalid('Alias must start with the prefix "alias/". Please see the AWS KMS documentation.');
  }
  if (name.startsWith('alias/aws/'))
    throw new ApiError('NotAuthorizedException', 'Names that begin with alias/aws/ are kept for AWS services.');
}

const createAlias: Operation<Checked<Kms.CreateAliasRequest>, void> = (input, call) => {
  checkName(input.AliasName);
  const target = targetOf(input.TargetKeyId);
  const key = notPending(keyOf(call, target));
  const { aliases } = kmsState(call);
  const arn = aliasArn(call, input.AliasName);
  if (aliases[input.AliasName]) {
    throw new ApiError('AlreadyExistsException', `An alias with the name ${arn} already exists`);
  }
  const name = input.AliasName;
  aliases[name] = { name, arn, targetKeyId: key.keyId, createdAt: call.now, updatedAt: call.now };
};

function targetOf(reference: string): string {
  if (/(^|:)alias\//.test(reference)) throw invalid('Aliases must refer to keys. Not aliases');
  return reference;
}

const updateAlias: Operation<Checked<Kms.UpdateAliasRequest>, void> = (input, call) => {
  const alias = kmsState(call).aliases[input.AliasName];
  if (!alias) throw missing(aliasArn(call, input.AliasName));
  alias.targetKeyId = notPending(keyOf(call, targetOf(input.TargetKeyId))).keyId;
  alias.updatedAt = call.now;
};

const missing = (arn: string) => notFound(`Alias ${arn} is not found.`);

const deleteAlias: Operation<Checked<Kms.DeleteAliasRequest>, void> = (input, call) => {
  const { aliases } = kmsState(call);
  if (!aliases[input.AliasName]) throw missing(aliasArn(call, input.AliasName));
  delete aliases[input.AliasName];
};

const listAliases: Operation<Checked<Kms.ListAliasesRequest>, Kms.ListAliasesResponse> = (input, call) => {
  const keyId = input.KeyId === undefined ? undefined : keyOf(call, input.KeyId).keyId;
  const all = Object.values(kmsState(call).aliases).filter((one) => keyId === undefined || one.targetKeyId === keyId);
  const { shown, rest } = page(call, all, input);
  return { Aliases: shown.map(entry), ...rest };
};

const entry = (alias: Alias): Kms.AliasListEntry => ({
  AliasName: alias.name,
  AliasArn: alias.arn,
  TargetKeyId: alias.targetKeyId,
  CreationDate: new Date(alias.createdAt),
  LastUpdatedDate: new Date(alias.updatedAt),
});

export const aliasOperations = {
  CreateAlias: createAlias,
  UpdateAlias: updateAlias,
  DeleteAlias: deleteAlias,
  ListAliases: listAliases,
};
