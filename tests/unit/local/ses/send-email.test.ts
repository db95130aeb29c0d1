import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CreateEmailIdentityCommand,
  GetEmailIdentityCommand,
  SendEmailCommand,
  SESv2Client,
  type SendEmailCommandInput,
} from '@aws-sdk/client-sesv2';
import type { ServiceEvent } from '#local/kernel/cloud.ts';
import type { IamRequest } from '#local/kernel/service.ts';
import { sesService } from '#local/services/ses/ses.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';
import { makeResource } from '#tests/support/make-resource.ts';

interface SentDetail {
  readonly mail: { readonly headers: unknown[]; readonly tags: Record<string, string[]> };
}

describe('sending mail', () => {
  let folder: string;
  let bench: Awaited<ReturnType<typeof bareCloud>>;
  let client: SESv2Client;
  let events: ServiceEvent[];

  const open = async (path = join(folder, 'state.sqlite')) => {
    bench = await bareCloud((cloud) => [sesService(cloud)], { path });
    bench.cloud.publishEvent = (event) => void events.push(event);
    client = new SESv2Client(bench.client);
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mirai-ses-'));
    events = [];
    await open();
    await makeResource(bench.cloud, 'AWS::SES::EmailIdentity', 'Sender', {
      EmailIdentity: 'mirai@example.com',
    });
    await makeResource(bench.cloud, 'AWS::SES::ConfigurationSet', 'Set', { Name: 'mirai' });
    await makeResource(bench.cloud, 'AWS::SES::ConfigurationSetEventDestination', 'Events', {
      ConfigurationSetName: 'mirai',
      EventDestination: {
        Name: 'default-bus',
        Enabled: true,
        MatchingEventTypes: ['send', 'DELIVERY'],
        EventBridgeDestination: {
          EventBusArn: 'arn:aws:events:us-east-1:000000000000:event-bus/default',
        },
      },
    });
  });
  afterEach(async () => {
    client.destroy();
    await bench.close();
    rmSync(folder, { recursive: true });
  });

  const send = (more: Partial<SendEmailCommandInput> = {}) =>
    client.send(
      new SendEmailCommand({
        FromEmailAddress: 'Mirai <mirai@example.com>',
        Destination: { ToAddresses: ['finance@example.org'] },
        Content: {
          Simple: { Subject: { Data: 'Summary' }, Body: { Text: { Data: 'In all 12.' } } },
        },
        ...more,
      }),
    );
  const mails = () =>
    bench.cloud.database.all<{ id: string; delivered: number }>('SELECT * FROM ses_mails');
  const settle = () => new Promise((resolve) => setTimeout(resolve, 10));

  it('stores the mail and tells the event bus what SES would tell', async () => {
    const { MessageId = '' } = await send({
      ConfigurationSetName: 'mirai',
      EmailTags: [{ Name: 'effect', Value: 'eff_1' }],
      ReplyToAddresses: ['help@example.com'],
    });
    expect(MessageId).toMatch(/^0100[0-9a-f]{12}-[0-9a-f-]{36}-000000$/);
    await settle();
    expect(events.map((event) => event.detailType)).toEqual(['Email Sent', 'Email Delivered']);
    expect(events[0]).toMatchObject({
      source: 'aws.ses',
      resources: ['arn:aws:ses:us-east-1:000000000000:configuration-set/mirai'],
      detail: {
        eventType: 'Send',
        send: {},
        mail: {
          source: 'Mirai <mirai@example.com>',
          sourceArn: 'arn:aws:ses:us-east-1:000000000000:identity/mirai@example.com',
          sendingAccountId: '000000000000',
          messageId: MessageId,
          destination: ['finance@example.org'],
          headersTruncated: false,
          commonHeaders: {
            from: ['Mirai <mirai@example.com>'],
            to: ['finance@example.org'],
            replyTo: ['help@example.com'],
            messageId: MessageId,
            subject: 'Summary',
          },
          tags: {
            'ses:configuration-set': ['mirai'],
            'ses:from-domain': ['example.com'],
            'ses:caller-identity': ['root'],
            effect: ['eff_1'],
          },
        },
      },
    });
    expect((events[0]?.detail as SentDetail).mail.headers).toContainEqual({
      name: 'Message-ID',
      value: `<${MessageId}@email.amazonses.com>`,
    });
    expect(events[1]?.detail).toMatchObject({
      eventType: 'Delivery',
      delivery: { recipients: ['finance@example.org'] },
    });
  });

  it('sends twice when it is told twice, and tells nothing without a configuration set', async () => {
    const first = await send();
    const second = await send();
    expect(first.MessageId).not.toBe(second.MessageId);
    expect(mails()).toHaveLength(2);
    await settle();
    expect(events).toEqual([]);
  });

  it('keeps mail and event in one transaction', async () => {
    bench.cloud.publishEvent = () => {
      throw new Error('no bus');
    };
    const quiet = console.error;
    console.error = () => undefined;
    await expect(send({ ConfigurationSetName: 'mirai' })).rejects.toThrow();
    console.error = quiet;
    expect(mails()).toEqual([]);
  });

  it('says after a restart that a mail arrived when it had not come to that', async () => {
    await send({ ConfigurationSetName: 'mirai' });
    await settle();
    bench.cloud.database.run('UPDATE ses_mails SET delivered = 0');
    client.destroy();
    await bench.close();
    events = [];
    await open();
    await settle();
    expect(events.map((event) => event.detailType)).toEqual(['Email Delivered']);
    expect(mails()[0]?.delivered).toBe(1);
  });

  it('takes raw mail, its own headers and blind copies', async () => {
    const raw = [
      'From: mirai@example.com',
      'To: a@example.org, "B, C" <b@example.org>',
      'Bcc: secret@example.org',
      'Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=',
      'X-SES-CONFIGURATION-SET: mirai',
      'X-SES-MESSAGE-TAGS: effect=eff_2,',
      ' run=run_1',
      'Message-ID: <own@example.com>',
      '',
      'Hello',
    ].join('\r\n');
    await send({
      FromEmailAddress: undefined,
      Destination: undefined,
      Content: { Raw: { Data: Buffer.from(raw) } },
    });
    const detail = events[0]?.detail as SentDetail & { mail: { destination: string[] } };
    expect(detail.mail.destination).toEqual([
      'a@example.org',
      'b@example.org',
      'secret@example.org',
    ]);
    expect(detail.mail.tags).toMatchObject({ effect: ['eff_2'], run: ['run_1'] });
    expect(detail.mail).toMatchObject({ commonHeaders: { subject: 'Grüße' } });
    expect(JSON.stringify(detail.mail.headers)).not.toMatch(/secret|own@|X-SES/);
  });

  it('asks for the identity and the configuration set, with the conditions of SES', () => {
    const { SendEmail } = bench.cloud.service('ses').actions;
    const input = {
      FromEmailAddress: 'Mirai <mirai@example.com>',
      Destination: { ToAddresses: ['a@example.org'], BccAddresses: ['b@example.org'] },
      ConfigurationSetName: 'mirai',
      Content: { Simple: {} },
    };
    const needs = (what: object): readonly IamRequest[] =>
      SendEmail?.authorize({ ...input, ...what }, {} as never) ?? [];
    const conditions = {
      'ses:ApiVersion': '2',
      'ses:FromAddress': 'mirai@example.com',
      'ses:FromDisplayName': 'Mirai',
      'ses:Recipients': ['a@example.org', 'b@example.org'],
    };
    const arn = 'arn:aws:ses:us-east-1:000000000000';
    expect(needs({})).toEqual([
      { action: 'ses:SendEmail', resource: `${arn}:identity/mirai@example.com`, conditions },
      { action: 'ses:SendEmail', resource: `${arn}:configuration-set/mirai`, conditions },
    ]);
    expect(needs({ Content: { Raw: { Data: '' } } })[0]?.action).toBe('ses:SendRawEmail');
  });

  it('vouches for a domain and what is below it, and for nothing else', async () => {
    await expect(send({ FromEmailAddress: 'x@news.shop.example' })).rejects.toMatchObject({
      name: 'MessageRejected',
      message:
        'Email address is not verified. The following identities failed the check in region US-EAST-1: x@news.shop.example',
    });
    await client.send(new CreateEmailIdentityCommand({ EmailIdentity: 'shop.example' }));
    await send({ FromEmailAddress: 'x@news.shop.example' });
    const identity = await client.send(
      new GetEmailIdentityCommand({ EmailIdentity: 'shop.example' }),
    );
    expect(identity).toMatchObject({ IdentityType: 'DOMAIN', VerifiedForSendingStatus: true });
    await expect(
      client.send(new GetEmailIdentityCommand({ EmailIdentity: 'none.example' })),
    ).rejects.toMatchObject({ name: 'NotFoundException' });
    await expect(
      client.send(new CreateEmailIdentityCommand({ EmailIdentity: 'shop.example' })),
    ).rejects.toMatchObject({ name: 'AlreadyExistsException' });
  });

  const simple = (Data: string) => ({
    Simple: { Subject: { Data }, Body: { Text: { Data: 'x' } } },
  });
  const file = (FileName: string) => ({
    Simple: {
      ...simple('a').Simple,
      Attachments: [{ FileName, RawContent: Buffer.from('x') }],
    },
  });
  it.each<[string, Partial<SendEmailCommandInput>, string]>([
    [
      '51 recipients',
      { Destination: { ToAddresses: Array<string>(51).fill('a@b.org') } },
      'BadRequestException',
    ],
    ['no recipient', { Destination: {} }, 'BadRequestException'],
    [
      'a line break in an address',
      { Destination: { ToAddresses: ['a@b.org\r\nBcc: c@d.org'] } },
      'BadRequestException',
    ],
    ['no domain', { Destination: { ToAddresses: ['someone'] } }, 'BadRequestException'],
    ['no content', { Content: {} }, 'BadRequestException'],
    ['a bad tag', { EmailTags: [{ Name: 'a b', Value: 'x' }] }, 'BadRequestException'],
    ['an unknown configuration set', { ConfigurationSetName: 'none' }, 'NotFoundException'],
    ['a program attached', { Content: file('run.exe') }, 'MessageRejected'],
    ['a template', { Content: { Template: { TemplateName: 't' } } }, 'NotServedLocally'],
    ['a tenant', { TenantName: 't' }, 'NotServedLocally'],
    ['letters beyond ASCII without a charset', { Content: simple('Grüße') }, 'NotServedLocally'],
    [
      'an address that would bounce',
      { Destination: { ToAddresses: ['bounce@simulator.amazonses.com'] } },
      'NotServedLocally',
    ],
  ])('refuses %s', async (_what, more, name) => {
    await expect(send(more)).rejects.toMatchObject({ name });
    expect(mails()).toEqual([]);
  });

  it('refuses to send where the configuration set pauses, and destinations other than the default bus', async () => {
    await makeResource(bench.cloud, 'AWS::SES::ConfigurationSet', 'Set', {
      Name: 'mirai',
      SendingOptions: { SendingEnabled: false },
    });
    await expect(send({ ConfigurationSetName: 'mirai' })).rejects.toMatchObject({
      name: 'SendingPausedException',
    });
    await expect(
      makeResource(bench.cloud, 'AWS::SES::ConfigurationSetEventDestination', 'Sns', {
        ConfigurationSetName: 'mirai',
        EventDestination: { MatchingEventTypes: ['send'], SnsDestination: { TopicARN: 'x' } },
      }),
    ).rejects.toThrow('SnsDestination');
  });
});
