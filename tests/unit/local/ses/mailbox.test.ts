import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { FrontDoor } from '#local/kernel/front-door.ts';
import { mailboxDoor } from '#local/services/ses/mailbox/mailbox-door.ts';
import { sesService } from '#local/services/ses/ses.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';
import { makeResource } from '#tests/support/make-resource.ts';

describe('the mailbox', () => {
  let bench: Awaited<ReturnType<typeof bareCloud>>;
  let door: FrontDoor;
  let base: string;
  let id: string;

  beforeEach(async () => {
    bench = await bareCloud((cloud) => [sesService(cloud)]);
    const client = new SESv2Client(bench.client);
    door = new FrontDoor(
      bench.cloud,
      () => {
        throw new Error('not through this door');
      },
      [mailboxDoor(bench.cloud)],
    );
    base = await door.listen();
    await makeResource(bench.cloud, 'AWS::SES::EmailIdentity', 'Sender', {
      EmailIdentity: 'mirai@example.com',
    });
    const { MessageId } = await client.send(
      new SendEmailCommand({
        FromEmailAddress: '"<b>Mirai</b>" <mirai@example.com>'.replace(/<b>|<\/b>/g, ''),
        Destination: { ToAddresses: ['finance@example.org'], CcAddresses: ['boss@example.org'] },
        EmailTags: [{ Name: 'run', Value: 'run_1' }],
        Content: {
          Simple: {
            Subject: { Data: '<script>alert(1)</script> für Sie', Charset: 'UTF-8' },
            Body: {
              Text: { Data: '</pre><img src=x onerror=alert(1)>' },
              Html: { Data: '<p>Hello</p><script>alert(1)</script>' },
            },
            Attachments: [
              { FileName: 'zusammenfassung "ü".csv', RawContent: Buffer.from('a,b\n1,2\n') },
            ],
          },
        },
      }),
    );
    id = MessageId ?? '';
    client.destroy();
  });
  afterEach(async () => {
    await door.close();
    await bench.close();
  });

  const get = (path: string) => fetch(`${base}/_local/mailbox${path}`);

  it('lists mails and opens one, with everything escaped and nothing that runs', async () => {
    for (const path of ['', `/${id}`]) {
      const answer = await get(path);
      const page = await answer.text();
      expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt; für Sie');
      expect(page).not.toMatch(/<script|onerror=alert\(1\)>|<img/);
      expect(answer.headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'sha256-/,
      );
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    }
    const page = await (await get(`/${id}`)).text();
    expect(page).toContain('&lt;/pre&gt;&lt;img src=x');
    expect(page).toContain('run: run_1');
    expect(page).toContain(
      `<iframe sandbox="" title="The mail as HTML" src="/_local/mailbox/${id}.html">`,
    );
  });

  it('serves the HTML part sandboxed, and attachments as downloads', async () => {
    const part = await get(`/${id}.html`);
    expect(part.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    expect(await part.text()).toContain('<p>Hello</p>');
    const file = await get(`/${id}/attachments/0`);
    expect(file.headers.get('content-disposition')).toBe(
      "attachment; filename*=UTF-8''zusammenfassung%20%22%C3%BC%22.csv",
    );
    expect(await file.text()).toBe('a,b\n1,2\n');
    const source = await (await get(`/${id}.eml`)).text();
    expect(source).toContain('To: finance@example.org\r\n');
    expect(source).toContain('Content-Type: multipart/mixed');
  });

  it('tells programs what was sent', async () => {
    const list = (await (await get('.json')).json()) as unknown[];
    expect(list).toMatchObject([
      {
        id,
        from: '"Mirai" <mirai@example.com>',
        to: ['finance@example.org'],
        cc: ['boss@example.org'],
        subject: '<script>alert(1)</script> für Sie',
        text: '</pre><img src=x onerror=alert(1)>',
        tags: { run: 'run_1', 'ses:from-domain': 'example.com' },
        attachments: [{ name: 'zusammenfassung "ü".csv', media_type: 'text/csv', size: 8 }],
      },
    ]);
  });

  it('answers to no foreign host name, no other method and no unknown mail', async () => {
    const { port } = new URL(base);
    const status = (method: string, host: string) =>
      new Promise((resolve, reject) => {
        request({ port, host: '127.0.0.1', path: '/_local/mailbox', method, headers: { host } })
          .on('response', (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end();
      });
    expect(await status('GET', `localhost:${port}`)).toBe(200);
    expect(await status('GET', `evil.example:${port}`)).toBe(403);
    expect(await status('GET', `127.0.0.1.evil.example`)).toBe(403);
    expect(await status('POST', `127.0.0.1:${port}`)).toBe(405);
    expect((await get('/0100')).status).toBe(404);
    expect((await get('/../../etc/passwd')).status).not.toBe(200);
    expect((await get(`/${id}/attachments/7`)).status).toBe(404);
  });
});
