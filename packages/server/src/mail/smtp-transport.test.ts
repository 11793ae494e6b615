// Against a mail server of another make.
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MailMessage } from '../domain/mail-message.ts';
import { MailRefused } from './mail-transport.ts';
import { createSmtpTransport, isLoopbackHost, type SmtpSettings } from './smtp-transport.ts';

const vector = (name: string) =>
  readFileSync(new URL(`../../../../test/vectors/tls/${name}`, import.meta.url), 'utf8');
const [cert, key] = [vector('cert.pem'), vector('key.pem')];

const mail: MailMessage = {
  id: 'msg_1',
  to: 'ada@example.test',
  subject: 'Grüße',
  text: 'One line.\n.\nA dot stood alone above.\n',
  purpose: 'recovery',
  expiresAt: 0,
};

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly user: string | undefined;
  readonly secure: boolean;
  readonly text: string;
}

const running: SMTPServer[] = [];

/** @returns its port, and what it took */
async function mailServer(options: SMTPServerOptions = {}) {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    cert,
    key,
    onAuth: ({ username, password }, _session, done) =>
      password === 'right' ? done(null, { user: username ?? '' }) : done(new Error('no')),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          user: session.user as string | undefined,
          secure: session.secure,
          text: Buffer.concat(chunks).toString(),
        });
        done();
      });
    },
    ...options,
  });
  running.push(server);
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.server.address();
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, received };
}

const send = (settings: Partial<SmtpSettings>, message = mail, signal = new AbortController().signal) =>
  createSmtpTransport(
    {
      host: '127.0.0.1',
      port: 0,
      implicitTls: false,
      from: { name: 'Tessera', address: 'no-reply@id.example' },
      ...settings,
    },
    'id.example',
  ).send(message, signal);

const closed = (server: SMTPServer | undefined) =>
  new Promise<void>((resolve) => {
    server?.close(resolve);
  });

afterEach(async () => {
  for (const server of running.splice(0)) {
    // oxlint-disable-next-line no-await-in-loop -- one or two
    await closed(server);
  }
});

describe('the mail server', () => {
  it('gets one mail for one person, with an id that stays', async () => {
    const { port, received } = await mailServer();
    await send({ port });
    await send({ port });
    expect(received).toHaveLength(2);
    const [first, second] = received;
    expect(first).toMatchObject({ from: 'no-reply@id.example', to: ['ada@example.test'], secure: false });
    expect(first?.text).toContain('Message-ID: <msg_1@id.example>\r\n');
    expect(first?.text).toContain('From: Tessera <no-reply@id.example>\r\n');
    expect(first?.text).toContain('To: ada@example.test\r\n');
    expect(first?.text).toContain('Auto-Submitted: auto-generated\r\n');
    expect(first?.text).toContain('One line.\r\n.\r\nA dot stood alone above.\r\n');
    expect(second?.text).toContain('Message-ID: <msg_1@id.example>\r\n');
  });

  it('gets no header from a subject or a text', async () => {
    const { port, received } = await mailServer();
    const subject = 'Hello\r\nBcc: eve@example.test\r\nX-Evil: yes\r\n\r\n<b>';
    await send({ port }, { ...mail, subject, text: 'Bcc: eve@example.test\r\n' });
    const [head = ''] = received[0]?.text.split('\r\n\r\n') ?? [];
    expect(received[0]?.to).toEqual(['ada@example.test']);
    expect(head).not.toMatch(/^(?:Bcc|X-Evil):/im);
  });

  it('is signed in to where it asks', async () => {
    const { port, received } = await mailServer({ authOptional: false, allowInsecureAuth: true });
    await send({ port, user: 'tessera', password: 'right' });
    expect(received[0]?.user).toBe('tessera');
    await expect(send({ port, user: 'tessera', password: 'wrong' })).rejects.not.toBeInstanceOf(MailRefused);
    expect(received).toHaveLength(1);
  });
});

describe('a mail server elsewhere', () => {
  // Not spelled like this machine, so it counts as one on the network.
  const host = '::ffff:127.0.0.1';

  it('gets nothing, no password either, without TLS', async () => {
    const passwords: unknown[] = [];
    const { port, received } = await mailServer({
      allowInsecureAuth: true,
      onAuth: ({ password }, _session, done) => {
        passwords.push(password);
        done(null, { user: 'x' });
      },
    });
    await expect(send({ host, port, user: 'tessera', password: 'right' })).rejects.toThrow('ETLS');
    expect([received, passwords]).toEqual([[], []]);
  });

  it.each([false, true])(
    'gets nothing if nobody vouches for its certificate (from the start: %s)',
    async (implicitTls) => {
      const { port, received } = await mailServer({ secure: implicitTls, disabledCommands: [] });
      await expect(send({ host, port, implicitTls })).rejects.toThrow('the mail server could not be used');
      expect(received).toEqual([]);
    },
  );
});

describe('a mail server with a certificate somebody vouches for', () => {
  const before = tls.getCACertificates();
  beforeAll(() => tls.setDefaultCACertificates([...before, cert]));
  afterAll(() => tls.setDefaultCACertificates(before));

  it('gets the mail by TLS', async () => {
    const { port, received } = await mailServer({ secure: true });
    await send({ host: 'localhost', port, implicitTls: true });
    expect(received[0]?.secure).toBe(true);
  });
});

describe('a failure', () => {
  const refusing = (responseCode: number) =>
    Object.assign(new Error('<ada@example.test> no'), { responseCode });

  it.each([
    ['a recipient that does not exist', { onRcptTo: (_to, _session, done) => done(refusing(550)) }, true],
    ['a recipient who is busy', { onRcptTo: (_to, _session, done) => done(refusing(450)) }, false],
    ['a sender it does not want', { onMailFrom: (_from, _session, done) => done(refusing(553)) }, false],
    [
      'contents it does not want',
      {
        onData: (stream, _session, done) => {
          stream.resume();
          stream.on('end', () => done(refusing(554)));
        },
      },
      true,
    ],
  ] satisfies [string, SMTPServerOptions, boolean][])('%s', async (_what, options, isFinal) => {
    const { port } = await mailServer(options);
    const error: unknown = await send({ port }).catch((caught: unknown) => caught);
    expect(error instanceof MailRefused).toBe(isFinal);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).not.toContain('ada@');
  });

  it('nobody there', async () => {
    const { port } = await mailServer();
    await closed(running.splice(0)[0]);
    await expect(send({ port })).rejects.toThrow('ESOCKET');
  });

  it('is what comes of giving up', async () => {
    const { port, received } = await mailServer();
    await expect(send({ port }, mail, AbortSignal.abort())).rejects.toThrow(
      'the mail server could not be used',
    );
    expect(received).toEqual([]);
  });
});

describe('isLoopbackHost', () => {
  it.each(['localhost', '127.0.0.1', '127.1.2.3', '::1'])('%s', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });
  it.each(['mail.example', '10.0.0.1', '127.example', 'localhost.example', '0.0.0.0', '::', '::2'])(
    'not %s',
    (host) => {
      expect(isLoopbackHost(host)).toBe(false);
    },
  );
});
