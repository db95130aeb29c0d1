import { Aws } from 'aws-cdk-lib';
import { ArnPrincipal, Effect, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { DataRole as DataRoleTable } from '../config/data-roles.ts';

const TENANT = '${aws:PrincipalTag/tenant}';

export interface DataRoleProps {
  readonly stage: string;
  readonly name: string;
  readonly table: DataRoleTable;
  readonly tableArn: string;
  readonly artifactBucketArn: string;
  readonly mailboxBucketArn: string;
}

const TABLE_ACTIONS = {
  get: ['Get', 'dynamodb:GetItem'],
  query: ['Query', 'dynamodb:Query'],
  put: ['Put', 'dynamodb:PutItem'],
  update: ['Update', 'dynamodb:UpdateItem'],
  delete: ['Delete', 'dynamodb:DeleteItem'],
  check: ['Check', 'dynamodb:ConditionCheckItem'],
} as const;

/**
 * What a function assumes, with the session tag `tenant`, to act on that tenant's data: every key
 * and every prefix that it may touch starts with the tag.
 */
export class DataRole extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, props: DataRoleProps) {
    super(scope, id);
    const { stage, name, table } = props;
    const users = table.usedBy.map(
      (user) =>
        new ArnPrincipal(`arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/mirai-${stage}-${user}`),
    );
    const [first, ...others] = users;
    if (!first) throw new Error(`the data role ${name} is used by nobody`);
    this.role = new Role(this, 'Role', {
      roleName: `mirai-${stage}-data-${name}`,
      assumedBy: first,
    });
    this.role.assumeRolePolicy?.addStatements(
      ...others.map(
        (user) => new PolicyStatement({ actions: ['sts:AssumeRole'], principals: [user] }),
      ),
      new PolicyStatement({
        sid: 'TagWithTenant',
        actions: ['sts:TagSession'],
        principals: users,
        conditions: {
          StringLike: { 'aws:RequestTag/tenant': '?*' },
          'ForAllValues:StringEquals': { 'aws:TagKeys': ['tenant'] },
        },
      }),
    );
    this.#allowTable(props);
    this.#allowObjects('ReadObjects', 's3:GetObject', props.artifactBucketArn, table.read ?? []);
    this.#allowObjects('WriteObjects', 's3:PutObject', props.artifactBucketArn, table.write ?? []);
    if (table.mailbox) {
      this.#allow(
        'Mailbox',
        ['s3:GetObject', 's3:PutObject'],
        [`${props.mailboxBucketArn}/${TENANT}/*`],
      );
    }
  }

  #allowTable({ table, tableArn }: DataRoleProps): void {
    for (const [field, [sid, action]] of Object.entries(TABLE_ACTIONS)) {
      const keys = table[field as keyof typeof TABLE_ACTIONS];
      if (keys) this.#allow(sid, [action], [tableArn], leadingKeys(keys));
    }
    if (table.list) {
      this.#allow('List', ['dynamodb:Query'], [`${tableArn}/index/list`], leadingKeys(table.list));
    }
  }

  #allowObjects(sid: string, action: string, bucketArn: string, prefixes: readonly string[]): void {
    if (prefixes.length === 0) return;
    this.#allow(
      sid,
      [action],
      prefixes.map((prefix) => `${bucketArn}/${TENANT}/${prefix}/*`),
    );
  }

  #allow(
    sid: string,
    actions: string[],
    resources: string[],
    conditions?: Record<string, unknown>,
  ): void {
    this.role.addToPolicy(
      new PolicyStatement({
        sid,
        effect: Effect.ALLOW,
        actions,
        resources,
        ...(conditions ? { conditions } : {}),
      }),
    );
  }
}

/** Every key of the request must match; the guard refuses a request without any. */
const leadingKeys = (keys: readonly string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys.map((key) => `${TENANT}#${key}`) },
  Null: { 'dynamodb:LeadingKeys': 'false' },
});
