import type { Environment } from 'holdfast';
import type { FakeEnd } from 'holdfast/testing';
import { vi } from 'vitest';
import { CONTROL_CHANNEL_LABEL } from '../../src/peer/control-frames';

/** The world of one end, with an ear on the control channel of each of its connections. */
export function overhear({ environment }: FakeEnd): {
  environment: Environment;
  /** What was sent, in order; of all connections unless the number of one is given, from 0 on. */
  sent(connection?: number): string[];
} {
  const sent: { connection: number; frame: string }[] = [];
  let made = 0;
  return {
    environment: {
      ...environment,
      createPeerConnection(configuration) {
        const pc = environment.createPeerConnection(configuration);
        const connection = made++;
        const create = pc.createDataChannel.bind(pc);
        vi.spyOn(pc, 'createDataChannel').mockImplementation((label, init) => {
          const channel = create(label, init);
          if (label !== CONTROL_CHANNEL_LABEL) return channel;
          const send = channel.send.bind(channel);
          vi.spyOn(channel, 'send').mockImplementation((data: unknown) => {
            sent.push({ connection, frame: String(data) });
            send(data as never);
          });
          return channel;
        });
        return pc;
      },
    },
    sent: (connection) =>
      sent
        .filter((each) => connection === undefined || each.connection === connection)
        .map(({ frame }) => frame),
  };
}
