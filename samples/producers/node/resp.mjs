import net from 'node:net';

/** What the server answered is an error: it did not do what it was asked to. */
export class RedisError extends Error {}

/** A connection to Redis. Commands may be sent without waiting; answers come in their order. */
export class Connection {
  #socket;
  #waiting = [];
  #received = Buffer.alloc(0);
  #failure;

  constructor(socket, timeoutMs) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (data) => {
      try {
        this.#take(data);
      } catch (error) {
        socket.destroy(error);
      }
    });
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('Redis closed the connection.')));
    socket.setTimeout(timeoutMs, () => {
      if (this.#waiting.length > 0) socket.destroy(new Error('Redis did not answer in time.'));
    });
  }

  static open({ host, port, password, timeoutMs = 5000 }) {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host, port });
      const timer = setTimeout(() => socket.destroy(new Error('Redis can not be reached in time.')), timeoutMs);
      socket.once('error', reject);
      socket.once('close', () => clearTimeout(timer));
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.removeListener('error', reject);
        const connection = new Connection(socket, timeoutMs);
        const signedIn = password ? connection.call('AUTH', password) : Promise.resolve();
        signedIn.then(() => resolve(connection), reject);
      });
    });
  }

  /** Sends a command; numbers are sent as text. Answers strings, numbers, null, or arrays of them. */
  call(...parts) {
    if (this.#failure) return Promise.reject(this.#failure);
    const chunks = [Buffer.from(`*${parts.length}\r\n`)];
    for (const part of parts) {
      const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
      chunks.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
    }
    this.#socket.write(Buffer.concat(chunks));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  get isClosed() {
    return this.#failure !== undefined;
  }

  close() {
    this.#socket.destroy();
  }

  #take(data) {
    this.#received = Buffer.concat([this.#received, data]);
    let reply;
    while (this.#waiting.length > 0 && (reply = read(this.#received, 0))) {
      this.#received = this.#received.subarray(reply.next);
      const { resolve, reject } = this.#waiting.shift();
      if (reply.value instanceof RedisError) reject(reply.value);
      else resolve(reply.value);
    }
  }

  #fail(error) {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}

/** The reply that begins at a place, and where it ends; undefined where it has not all come. */
function read(bytes, at) {
  const end = bytes.indexOf('\r\n', at);
  if (end < 0) return undefined;
  const line = bytes.toString('utf8', at + 1, end);
  const next = end + 2;
  switch (bytes[at]) {
    case 0x2b: // +
      return { value: line, next };
    case 0x2d: // -
      return { value: new RedisError(line), next };
    case 0x3a: // :
      return { value: Number(line), next };
    case 0x24: { // $
      const length = Number(line);
      if (length < 0) return { value: null, next };
      return bytes.length < next + length + 2
        ? undefined
        : { value: bytes.toString('utf8', next, next + length), next: next + length + 2 };
    }
    case 0x2a: { // *
      const reply = { value: Number(line) < 0 ? null : [], next };
      for (let i = 0; i < Number(line); i++) {
        const item = read(bytes, reply.next);
        if (!item) return undefined;
        reply.value.push(item.value);
        reply.next = item.next;
      }
      return reply;
    }
    default:
      throw new Error('This is not Redis.');
  }
}
