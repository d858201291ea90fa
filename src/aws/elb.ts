import {
  AddTagsCommand,
  CreateListenerCommand,
  type CreateListenerCommandInput,
  CreateLoadBalancerCommand,
  type CreateLoadBalancerCommandInput,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeListenerAttributesCommand,
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerAttributesCommand,
  ModifyListenerCommand,
  type ModifyListenerCommandInput,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  type ModifyTargetGroupCommandInput,
  RegisterTargetsCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
  type TargetDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Connection } from './connection.ts';
import { allPages, orAbsent } from './paging.ts';
import { type Tags, tagList, tagRecord } from './tags.ts';

/** Attributes of load balancers, target groups and listeners: strings on both sides. */
export type Attributes = Readonly<Record<string, string>>;

interface Attribute {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

const record = (list: readonly Attribute[] | undefined): Attributes =>
  Object.fromEntries((list ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
const list = (attributes: Attributes) => Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));

export function elb(connection: Connection) {
  const open = (config: ConstructorParameters<typeof ElasticLoadBalancingV2Client>[0]) =>
    new ElasticLoadBalancingV2Client(config ?? {});
  const send = connection.open('elasticloadbalancing', 'Elastic Load Balancing v2', open);
  return {
    /** By name; undefined when there is none. */
    loadBalancer: async (name: string) =>
      (await orAbsent(send(new DescribeLoadBalancersCommand({ Names: [name] }))))?.LoadBalancers?.[0],
    loadBalancers: () =>
      allPages((Marker) =>
        send(new DescribeLoadBalancersCommand({ Marker, PageSize: 400 })).then((page) => ({
          items: page.LoadBalancers,
          next: page.NextMarker,
        })),
      ),
    loadBalancerAttributes: async (LoadBalancerArn: string) =>
      record((await send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }))).Attributes),
    /** By name; undefined when there is none. */
    targetGroup: async (name: string) =>
      (await orAbsent(send(new DescribeTargetGroupsCommand({ Names: [name] }))))?.TargetGroups?.[0],
    targetGroupAttributes: async (TargetGroupArn: string) =>
      record((await send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }))).Attributes),
    listeners: async (LoadBalancerArn: string) =>
      (await orAbsent(send(new DescribeListenersCommand({ LoadBalancerArn, PageSize: 100 }))))?.Listeners ?? [],
    listenerAttributes: async (ListenerArn: string) =>
      record((await send(new DescribeListenerAttributesCommand({ ListenerArn }))).Attributes),
    targetHealth: async (TargetGroupArn: string) =>
      (await orAbsent(send(new DescribeTargetHealthCommand({ TargetGroupArn }))))?.TargetHealthDescriptions ?? [],
    /** Of up to 20 load balancers, target groups and listeners; by ARN. */
    async tags(ResourceArns: string[]): Promise<Readonly<Record<string, Tags>>> {
      const answer = await send(new DescribeTagsCommand({ ResourceArns }));
      return Object.fromEntries(
        (answer.TagDescriptions ?? []).map(({ ResourceArn, Tags }) => [ResourceArn ?? '', tagRecord(Tags)]),
      );
    },

    createLoadBalancer: (input: Omit<CreateLoadBalancerCommandInput, 'Tags'>, tags: Tags) =>
      send(new CreateLoadBalancerCommand({ ...input, Tags: tagList(tags) })),
    setLoadBalancerAttributes: (LoadBalancerArn: string, attributes: Attributes) =>
      send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes: list(attributes) })),
    setSecurityGroups: (LoadBalancerArn: string, SecurityGroups: string[]) =>
      send(new SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups })),
    setSubnets: (LoadBalancerArn: string, Subnets: string[]) =>
      send(new SetSubnetsCommand({ LoadBalancerArn, Subnets })),
    deleteLoadBalancer: (LoadBalancerArn: string) => send(new DeleteLoadBalancerCommand({ LoadBalancerArn })),
    createTargetGroup: (input: Omit<CreateTargetGroupCommandInput, 'Tags'>, tags: Tags) =>
      send(new CreateTargetGroupCommand({ ...input, Tags: tagList(tags) })),
    modifyTargetGroup: (input: ModifyTargetGroupCommandInput) => send(new ModifyTargetGroupCommand(input)),
    setTargetGroupAttributes: (TargetGroupArn: string, attributes: Attributes) =>
      send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: list(attributes) })),
    deleteTargetGroup: (TargetGroupArn: string) => send(new DeleteTargetGroupCommand({ TargetGroupArn })),
    createListener: (input: Omit<CreateListenerCommandInput, 'Tags'>, tags: Tags) =>
      send(new CreateListenerCommand({ ...input, Tags: tagList(tags) })),
    modifyListener: (input: ModifyListenerCommandInput) => send(new ModifyListenerCommand(input)),
    setListenerAttributes: (ListenerArn: string, attributes: Attributes) =>
      send(new ModifyListenerAttributesCommand({ ListenerArn, Attributes: list(attributes) })),
    deleteListener: (ListenerArn: string) => send(new DeleteListenerCommand({ ListenerArn })),
    registerTargets: (TargetGroupArn: string, Targets: TargetDescription[]) =>
      send(new RegisterTargetsCommand({ TargetGroupArn, Targets })),
    deregisterTargets: (TargetGroupArn: string, Targets: TargetDescription[]) =>
      send(new DeregisterTargetsCommand({ TargetGroupArn, Targets })),
    tag: (arn: string, tags: Tags) => send(new AddTagsCommand({ ResourceArns: [arn], Tags: tagList(tags) })),
  };
}

export type Elb = ReturnType<typeof elb>;
