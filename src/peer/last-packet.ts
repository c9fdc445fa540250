/** When the last packet arrived, in ms; 0 or missing if none has. */
type PairStats = RTCStats & { lastPacketReceivedTimestamp?: number };

/**
 * The time since a connection received any packet, in ms. Under heavy loss SCTP holds messages back for a second or more while its acknowledgements
 * still arrive: they are signs of life, too. Infinity if the browser does not report it.
 */
export async function msSinceLastPacket(pc: RTCPeerConnection): Promise<number> {
  const reports: PairStats[] = [...(await pc.getStats()).values()];
  return Math.min(
    ...reports.map(({ timestamp, lastPacketReceivedTimestamp: last }) =>
      last ? timestamp - last : Infinity,
    ),
  );
}
