/** Users: only as many as GetUser needs to say who is calling. */
import type * as Iam from '@aws-sdk/client-iam';
import type { Checked } from '../../checked.ts';
import { ApiError, type Operation } from '../../service.ts';
import { noSuchEntity } from './shared.ts';

// Without a name, GetUser means the caller, who must be a user (not a role's session). F-510
const getUser: Operation<Checked<Iam.GetUserRequest>, Iam.GetUserResponse> = (input, call) => {
  const callerName = /:user\/(?:.*\/)?([^/]+)$/.exec(call.principal.arn)?.[1];
  if (input.UserName === undefined && callerName === undefined) {
    throw new ApiError('ValidationError', 'Must specify userName when calling with non-User credentials');
  }
  if (callerName === undefined || (input.UserName ?? callerName) !== callerName) {
    throw noSuchEntity(`The user with name ${input.UserName} cannot be found.`);
  }
  return {
    User: {
      Path: '/',
      UserName: callerName,
      UserId: call.principal.userId,
      Arn: call.principal.arn,
      CreateDate: new Date(Date.UTC(2020, 0, 1)),
    },
  };
};

export const userOperations = { GetUser: getUser };
