import type { Environment } from 'holdfast';
import type { FakeEnd } from 'holdfast/testing';
import { overhearControl } from '../support/overhear-control';

/** The environment of one end, with a record of what it sends on the control channel of each connection. */
export function overhear({ environment }: FakeEnd): {
  environment: Environment;
  /** What was sent, in order: on all connections, or on the one with this number (from 0). */
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
