import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';

/** RFC 8489: a binding request is its type, no attributes, the magic cookie and a transaction id. */
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const MAGIC_COOKIE = 0x2112a442;
const HEADER_BYTES = 20;

/** Whether a STUN server answers one binding request in time. */
export async function answersStun(host: string, port: number, timeoutMs = 250): Promise<boolean> {
  const socket = createSocket('udp4');
  const request = bindingRequest();
  try {
    return await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      socket.once('error', () => resolve(false));
      socket.once('message', (reply) => {
        clearTimeout(timer);
        resolve(
          reply.readUInt16BE(0) === BINDING_SUCCESS && reply.subarray(8, 20).equals(request.subarray(8)),
        );
      });
      socket.send(request, port, host);
    });
  } finally {
    socket.close();
  }
}

function bindingRequest(): Buffer {
  const request = Buffer.alloc(HEADER_BYTES);
  request.writeUInt16BE(BINDING_REQUEST, 0);
  request.writeUInt32BE(MAGIC_COOKIE, 4);
  randomBytes(12).copy(request, 8);
  return request;
}
