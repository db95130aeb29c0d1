import {
  CreateEmailIdentityCommand,
  GetEmailIdentityCommand,
  ListEmailIdentitiesCommand,
  SESv2Client,
} from '@aws-sdk/client-sesv2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sesService } from '#local/services/ses/ses.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';

describe('e-mail identities', () => {
  let bench: Awaited<ReturnType<typeof bareCloud>>;
  let client: SESv2Client;

  beforeAll(async () => {
    bench = await bareCloud((cloud) => [sesService(cloud)]);
    client = new SESv2Client(bench.client);
    for (const EmailIdentity of ['ann@example.com', 'example.org', 'mirai@example.com'])
      await client.send(new CreateEmailIdentityCommand({ EmailIdentity }));
  });
  afterAll(async () => {
    client.destroy();
    await bench.close();
  });

  it('are listed page by page', async () => {
    const names: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(new ListEmailIdentitiesCommand({ PageSize: 2, NextToken }));
      names.push(...(page.EmailIdentities ?? []).map(({ IdentityName }) => IdentityName));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(names).toEqual(['ann@example.com', 'example.org', 'mirai@example.com']);
  });

  it('are told apart as addresses and domains', async () => {
    const typeOf = async (EmailIdentity: string) =>
      (await client.send(new GetEmailIdentityCommand({ EmailIdentity }))).IdentityType;
    expect(await typeOf('ann@example.com')).toBe('EMAIL_ADDRESS');
    expect(await typeOf('example.org')).toBe('DOMAIN');
    await expect(typeOf('nobody@example.com')).rejects.toMatchObject({ name: 'NotFoundException' });
  });
});
