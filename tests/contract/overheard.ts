import type { Environment } from 'holdfast';
import type { FakeEnd } from 'holdfast/testing';
import { overhearControl } from '../support/overhear-control';

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
        const connection = made++;
        const pc = environment.createPeerConnection(configuration);
        return overhearControl(pc, (frame) => sent.push({ connection, frame }));
      },
    },
    sent: (connection) =>
      sent
        .filter((each) => connection === undefined || each.connection === connection)
        .map(({ frame }) => frame),
  };
}
