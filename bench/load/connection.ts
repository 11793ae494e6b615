/**
 * One keep-alive connection that sends a request, reads the answer whole, and so on: as little work as HTTP/1.1 allows,
 * so that on two cores the server is measured and not the one who asks.
 * @spec RFC 9112 §6
 */
import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;

/** What came back, whatever it says. */
export interface Answer {
  readonly status: number;
  /** The status line and the fields. */
  readonly head: string;
  readonly body: string;
}

export interface Connection {
  /** Sends a request; `onAnswer` hears of its answer. One at a time. */
  send(request: string): void;
  close(): void;
}

/** @param onFailure called once, when the connection breaks or what comes is no answer */
export function openConnection(
  port: number,
  onAnswer: (answer: Answer) => void,
  onFailure: (error: Error) => void,
): Promise<Connection> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let pending: Buffer | undefined;
  let closed = false;
  const fail = (error: Error): void => {
    if (!closed) onFailure(error);
    closed = true;
    socket.destroy();
  };
  socket.on('data', (chunk: Buffer) => {
    const received = pending === undefined ? chunk : Buffer.concat([pending, chunk]);
    const answer = readAnswer(received);
    pending = answer === undefined ? received : undefined;
    if (answer instanceof Error) fail(answer);
    else if (answer !== undefined) onAnswer(answer);
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed the connection')));
  const connection = {
    send: (request: string) => void socket.write(request, 'latin1'),
    close: () => {
      closed = true;
      socket.destroy();
    },
  };
  return opened(socket, connection);
}

function opened(socket: Socket, connection: Connection): Promise<Connection> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(connection));
    socket.once('error', reject);
  });
}

/** An answer that is complete; undefined while bytes are missing. */
function readAnswer(received: Buffer): Answer | Error | undefined {
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd === -1) return undefined;
  const head = received.toString('latin1', 0, headEnd);
  const length = CONTENT_LENGTH.exec(head)?.[1];
  if (length === undefined) return new Error(`an answer without Content-Length:\n${head}`);
  const bodyStart = headEnd + HEAD_END.length;
  const bodyEnd = bodyStart + Number(length);
  if (received.length < bodyEnd) return undefined;
  return { status: Number(head.slice(9, 12)), head, body: received.toString('utf8', bodyStart, bodyEnd) };
}

export function wrongAnswer({ head, body }: Answer): Error {
  return new Error(`a wrong answer:\n${head}\n\n${body}`);
}
