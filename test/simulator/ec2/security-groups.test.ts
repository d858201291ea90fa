import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeManagedPrefixListsCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
  ModifySecurityGroupRulesCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  UpdateSecurityGroupRuleDescriptionsIngressCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { createInterface } from '../../../src/simulator/services/ec2/interfaces.ts';
import { defaultSecurityGroup, mayConnect } from '../../../src/simulator/services/ec2/lookup.ts';
import {
  createGroup,
  createSubnet,
  createVpc,
  failure,
  filter,
  type Network,
  refusal,
  startNetwork,
} from './network.ts';

const everything: IpPermission = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };

const redshift = (peer: Partial<IpPermission>): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: 5439,
  ToPort: 5439,
  ...peer,
});

const from = (CidrIp: string): IpPermission => redshift({ IpRanges: [{ CidrIp }] });

const allow = ({ ec2 }: Network, GroupId: string, ...IpPermissions: IpPermission[]) =>
  ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));

async function startGroup() {
  const network = await startNetwork();
  const vpcId = await createVpc(network);
  return { network, ec2: network.ec2, vpcId, GroupId: await createGroup(network, vpcId, 'clients') };
}

describe('a security group', () => {
  test('lets everything out and nothing in when it is new (F-231)', async () => {
    const { ec2, GroupId } = await startGroup();
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
    expect(SecurityGroups?.[0]?.IpPermissionsEgress).toMatchObject([everything]);
    expect(SecurityGroups?.[0]?.IpPermissions).toEqual([]);
  });

  test.each([
    [{ GroupName: 'CLIENTS' }, 'InvalidGroup.Duplicate'],
    [{ GroupName: 'sg-mine' }, 'InvalidParameterValue'],
    [{ GroupName: 'default' }, 'InvalidParameterValue'],
    [{ GroupName: 'fine', Description: 'naïve' }, 'InvalidParameterValue'],
    [{ GroupName: 'x'.repeat(256) }, 'InvalidParameterValue'],
  ])('created as %j beside "clients" is refused with %s (F-236, F-237)', async (given, code) => {
    const { ec2, vpcId: VpcId } = await startGroup();
    const command = new CreateSecurityGroupCommand({ VpcId, Description: 'for a test', ...given });
    expect(await failure(ec2.send(command))).toBe(code);
  });

  test('in use by an interface, or named by another group, cannot be deleted (F-216)', async () => {
    const { network, ec2, vpcId, GroupId } = await startGroup();
    const other = await createGroup(network, vpcId, 'other');
    const subnetId = await createSubnet(network, vpcId);
    const remove = (id: string) => ec2.send(new DeleteSecurityGroupCommand({ GroupId: id }));
    createInterface(network.place(), { subnetId, groupIds: [other], description: 'test', requesterId: 'amazon-elb' });
    expect(await failure(remove(other))).toBe('DependencyViolation');
    await allow(network, other, redshift({ UserIdGroupPairs: [{ GroupId }] }));
    const error = await refusal(remove(GroupId));
    expect(error?.name).toBe('DependencyViolation');
    expect(error?.message).toBe(`resource ${GroupId} has a dependent object`);
    expect(await failure(remove(defaultSecurityGroup(network.place(), vpcId)))).toBe('CannotDelete');
  });

  test('that refers to itself can be deleted', async () => {
    const { network, ec2, GroupId } = await startGroup();
    await allow(network, GroupId, redshift({ UserIdGroupPairs: [{ GroupId }] }));
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    expect(await failure(ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] })))).toBe(
      'InvalidGroup.NotFound',
    );
  });

  test('is found by what its rules say', async () => {
    const { network, ec2, GroupId } = await startGroup();
    await allow(network, GroupId, from('10.0.0.0/16'));
    const Filters = [filter('ip-permission.cidr', '10.0.0.0/16'), filter('ip-permission.from-port', '5439')];
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
    expect(SecurityGroups?.map((group) => group.GroupId)).toEqual([GroupId]);
  });
});

describe('a rule', () => {
  test('has an id, clears the host bits of its block and can carry tags (F-235)', async () => {
    const { ec2, GroupId } = await startGroup();
    const TagSpecifications = [{ ResourceType: 'security-group-rule' as const, Tags: [{ Key: 'a', Value: 'b' }] }];
    const IpPermissions = [from('10.0.3.7/16')];
    const { SecurityGroupRules } = await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions, TagSpecifications }),
    );
    const [rule] = SecurityGroupRules!;
    expect(rule).toMatchObject({ CidrIpv4: '10.0.0.0/16', IsEgress: false, FromPort: 5439, Tags: [{ Key: 'a' }] });
    const found = await ec2.send(
      new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [rule!.SecurityGroupRuleId!] }),
    );
    expect(found.SecurityGroupRules?.[0]?.GroupId).toBe(GroupId);
    const all = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters: [filter('group-id', GroupId)] }));
    expect(all.SecurityGroupRules).toHaveLength(2);
  });

  test('that is there already fails the whole call', async () => {
    const { network, GroupId } = await startGroup();
    await allow(network, GroupId, from('10.0.0.0/16'));
    const error = await refusal(allow(network, GroupId, from('10.1.0.0/16'), from('10.0.0.0/16')));
    expect(error?.name).toBe('InvalidPermission.Duplicate');
    expect(error?.message).toBe(
      'the specified rule "peer: 10.0.0.0/16, TCP, from port: 5439, to port: 5439, ALLOW" already exists',
    );
    await allow(network, GroupId, from('10.1.0.0/16'));
  });

  test.each<[IpPermission, string]>([
    [{ IpProtocol: 'tcp', IpRanges: [{ CidrIp: '10.0.0.0/16' }] }, 'InvalidParameterValue'],
    [{ ...from('10.0.0.0/16'), FromPort: 6000 }, 'InvalidParameterValue'],
    [from('10.0.0.0/33'), 'InvalidParameterValue'],
    [{ ...from('10.0.0.0/16'), IpProtocol: 'carrier-pigeon' }, 'InvalidParameterValue'],
    [redshift({ UserIdGroupPairs: [{ GroupId: 'sg-0123456789abcdef0' }] }), 'InvalidGroup.NotFound'],
    [redshift({ PrefixListIds: [{ PrefixListId: 'pl-12345678' }] }), 'InvalidPrefixListID.NotFound'],
  ])('of %j is refused with %s (F-234)', async (permission, code) => {
    const { network, GroupId } = await startGroup();
    expect(await failure(allow(network, GroupId, permission))).toBe(code);
  });

  test('can be revoked by permission or by id, once (F-229)', async () => {
    const { network, ec2, GroupId } = await startGroup();
    const { SecurityGroupRules } = await allow(network, GroupId, from('10.0.0.0/16'), from('10.1.0.0/16'));
    const byPermission = () =>
      ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [from('10.0.0.0/16')] }));
    expect((await byPermission()).RevokedSecurityGroupRules?.[0]?.CidrIpv4).toBe('10.0.0.0/16');
    expect(await failure(byPermission())).toBe('InvalidPermission.NotFound');
    const SecurityGroupRuleIds = [SecurityGroupRules![1]!.SecurityGroupRuleId!];
    const byId = () => ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds }));
    await byId();
    expect(await failure(byId())).toBe('InvalidSecurityGroupRuleId.NotFound');
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [everything] }));
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
    expect(SecurityGroups?.[0]).toMatchObject({ IpPermissions: [], IpPermissionsEgress: [] });
  });

  test('that is not there is only reported in the default VPC (F-229)', async () => {
    const network = await startNetwork();
    const { GroupId } = await network.ec2.send(
      new CreateSecurityGroupCommand({ GroupName: 'here', Description: 'in the default VPC' }),
    );
    network.settle();
    const answer = await network.ec2.send(
      new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [from('10.0.0.0/16')] }),
    );
    expect(answer.UnknownIpPermissions).toMatchObject([from('10.0.0.0/16')]);
  });

  test('beyond the sixtieth of a direction is refused (F-239)', async () => {
    const { network, ec2, GroupId } = await startGroup();
    const blocks = Array.from({ length: 60 }, (_, index) => from(`10.${index}.0.0/16`));
    await allow(network, GroupId, ...blocks);
    expect(await failure(allow(network, GroupId, from('10.99.0.0/16')))).toBe('RulesPerSecurityGroupLimitExceeded');
    const out = new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: [from('10.99.0.0/16')] });
    expect(await failure(ec2.send(out))).toBeUndefined();
  });

  test('can name the addresses of S3', async () => {
    const { network, ec2, GroupId } = await startGroup();
    const Filters = [filter('prefix-list-name', 'com.amazonaws.us-east-1.s3')];
    const { PrefixLists } = await ec2.send(new DescribeManagedPrefixListsCommand({ Filters }));
    const PrefixListIds = [{ PrefixListId: PrefixLists![0]!.PrefixListId! }];
    const { SecurityGroupRules } = await allow(network, GroupId, redshift({ PrefixListIds }));
    expect(SecurityGroupRules?.[0]?.PrefixListId).toBe(PrefixListIds[0]?.PrefixListId);
  });

  test('keeps its id when it is changed or described anew', async () => {
    const { network, ec2, GroupId } = await startGroup();
    const { SecurityGroupRules } = await allow(network, GroupId, from('10.0.0.0/16'));
    const SecurityGroupRuleId = SecurityGroupRules![0]!.SecurityGroupRuleId!;
    const SecurityGroupRule = { IpProtocol: 'tcp', FromPort: 5440, ToPort: 5440, CidrIpv4: '10.2.0.0/16' };
    await ec2.send(
      new ModifySecurityGroupRulesCommand({
        GroupId,
        SecurityGroupRules: [{ SecurityGroupRuleId, SecurityGroupRule }],
      }),
    );
    await ec2.send(
      new UpdateSecurityGroupRuleDescriptionsIngressCommand({
        GroupId,
        SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId, Description: 'readers' }],
      }),
    );
    const found = await ec2.send(
      new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [SecurityGroupRuleId] }),
    );
    expect(found.SecurityGroupRules?.[0]).toMatchObject({
      FromPort: 5440,
      CidrIpv4: '10.2.0.0/16',
      Description: 'readers',
    });
  });
});

describe('a packet', () => {
  test('passes when the sender lets it out and the receiver lets it in (F-232)', async () => {
    const { network, ec2, vpcId, GroupId: sender } = await startGroup();
    const receiver = await createGroup(network, vpcId, 'receiver');
    const passes = (port = 5439) =>
      mayConnect(
        network.place(),
        { groupIds: [sender], address: '10.0.0.4' },
        { groupIds: [receiver], address: '10.0.1.4' },
        port,
      );
    expect(passes()).toBe(false);
    await allow(network, receiver, redshift({ UserIdGroupPairs: [{ GroupId: sender }] }));
    expect([passes(), passes(5440)]).toEqual([true, false]);
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: sender, IpPermissions: [everything] }));
    expect(passes()).toBe(false);
    await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId: sender, IpPermissions: [from('10.0.1.0/24')] }));
    expect(passes()).toBe(true);
  });

  test('is not filtered where there are no groups', async () => {
    const { network, GroupId } = await startGroup();
    const place = network.place();
    const nowhere = { groupIds: [], address: '10.0.0.4' };
    expect(mayConnect(place, nowhere, nowhere, 5439)).toBe(true);
    expect(mayConnect(place, nowhere, { groupIds: [GroupId], address: '10.0.1.4' }, 5439)).toBe(false);
  });
});
