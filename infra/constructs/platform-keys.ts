import { RemovalPolicy } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/** What the account's administrators may do with a key. Nobody can read the key itself. */
const ADMINISTRATION = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:DisableKeyRotation',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListKeyPolicies',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
];

/** The keys of the platform. Each can be used only for what it is for, whatever a role is granted. */
export class PlatformKeys extends Construct {
  /** Signs permits; anybody who holds the public half can check one. */
  readonly permit: Key;
  /** Encrypts callback tokens, each bound to its tenant and run. */
  readonly token: Key;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.permit = new Key(this, 'Permit', {
      description: 'Signs permits: only judge-actions may',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      policy: keyPolicy('kms:Sign', 'kms:GetPublicKey'),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.token = new Key(this, 'Token', {
      description: 'Encrypts callback tokens, each bound to its tenant and run',
      enableKeyRotation: true,
      policy: keyPolicy('kms:Encrypt', 'kms:Decrypt'),
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}

/** Lets the account's own policies say who uses and administers a key, for the named uses only. */
function keyPolicy(...uses: readonly string[]): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'WhoTheAccountSays',
        principals: [new AccountRootPrincipal()],
        actions: [...uses, ...ADMINISTRATION],
        resources: ['*'],
      }),
    ],
  });
}
