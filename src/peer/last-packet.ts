/** What browsers report of the last packet, in ms; 0 and nothing mean that none has come. */
type PairStats = RTCStats & { lastPacketReceivedTimestamp?: number };

/**
 * How long no packet at all has come on a connection, in ms. Under heavy loss SCTP holds messages back for a second and more, while
 * its acknowledgements go on arriving: they are life too. Infinite where the browser does not tell.
 */
export async function msSinceLastPacket(pc: RTCPeerConnection): Promise<number> {
  const reports: PairStats[] = [...(await pc.getStats()).values()];
  return Math.min(
    ...reports.map(({ timestamp, lastPacketReceivedTimestamp: last }) =>
      last ? timestamp - last : Infinity,
    ),
  );
}
