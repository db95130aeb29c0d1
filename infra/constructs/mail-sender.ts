import { CfnParameter } from 'aws-cdk-lib';
import {
  CfnConfigurationSet,
  CfnConfigurationSetEventDestination,
  CfnEmailIdentity,
} from 'aws-cdk-lib/aws-ses';
import { Aws } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/** Who outgoing mail is from, and the events that prove that it left. */
export class MailSender extends Construct {
  readonly from: string;
  readonly configurationSet: string;
  readonly identityArn: string;
  readonly configurationSetArn: string;

  constructor(scope: Construct, id: string, { stage }: { readonly stage: string }) {
    super(scope, id);
    const from = new CfnParameter(this, 'MailFrom', {
      default: 'mirai@example.com',
      description: 'The verified address that mail is sent from',
    });
    from.overrideLogicalId('MailFrom');
    this.from = from.valueAsString;
    this.configurationSet = `mirai-${stage}`;
    const set = new CfnConfigurationSet(this, 'Set', { name: this.configurationSet });
    const identity = new CfnEmailIdentity(this, 'Identity', { emailIdentity: this.from });
    const events = new CfnConfigurationSetEventDestination(this, 'Sent', {
      configurationSetName: this.configurationSet,
      eventDestination: {
        name: 'default-bus',
        enabled: true,
        matchingEventTypes: ['SEND'],
        eventBridgeDestination: {
          eventBusArn: `arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:event-bus/default`,
        },
      },
    });
    events.addResourceDependency(set);
    identity.addResourceDependency(set);
    const arn = `arn:${Aws.PARTITION}:ses:${Aws.REGION}:${Aws.ACCOUNT_ID}`;
    this.identityArn = `${arn}:identity/${this.from}`;
    this.configurationSetArn = `${arn}:configuration-set/${this.configurationSet}`;
  }
}
