import type { Seen } from './stories';
import {
  BLACK_HOLE,
  CLOSED,
  CLOSED_TAB,
  type Figure,
  FOR_GOOD,
  figure,
  INTO_DEATH,
  LIVING,
  NAVIGATION,
  NO_CANDIDATE,
  RELAYED,
  UNDER_TRAFFIC,
} from './table';

const differences = ({ disconnectedMs, failedMs }: Seen[typeof FOR_GOOD]) =>
  failedMs.map((ms, end) => (ms === null ? null : ms - (disconnectedMs[end] ?? 0)));

export const FIGURES: readonly Figure[] = [
  figure(FOR_GOOD, 'ICE disconnected after a silent cut', (seen) => seen.disconnectedMs, {
    chromium: [5_000, 7_700],
    firefox: [4_800, 10_500],
  }),
  figure('a cut one way', 'ICE disconnected after a cut one way', (seen) => seen.disconnectedMs, {
    chromium: [5_000, 7_700],
    firefox: [4_800, 10_500],
  }),
  figure(FOR_GOOD, 'failed after a silent cut', (seen) => seen.failedMs, {
    chromium: [15_000, 17_600],
    firefox: [26_000, 31_000],
  }),
  figure(FOR_GOOD, 'from disconnected to failed', differences, { chromium: [9_900, 10_100] }),
  figure(INTO_DEATH, 'failed after a restart into the dead network', (seen) => seen.failedMs, {
    chromium: [14_900, 15_100],
    firefox: [10_900, 12_300],
  }),
  figure(BLACK_HOLE, 'failed after a first connect into a black hole', (seen) => seen.failedMs, {
    chromium: [14_900, 15_100],
    firefox: [10_900, 11_200],
  }),
  figure(NO_CANDIDATE, 'failed without a candidate of the peer', (seen) => seen.failedMs, {
    firefox: [4_900, 5_100],
  }),
  figure(FOR_GOOD, 'connected again by a restart after failed', (seen) => seen.restartMs, {
    chromium: [20, 100],
    firefox: [15, 40],
  }),
  figure(UNDER_TRAFFIC, 'healed by itself', (seen) => seen.healMs, {
    chromium: [0, 300],
    firefox: [0, 5_000],
  }),
  figure(LIVING, 'from the descriptions to an open channel', (seen) => seen.connectMs, {
    chromium: [5, 10],
    firefox: [9, 20],
  }),
  figure(RELAYED, 'fresh data over the relay, restarted 1 s after the block', (seen) => seen.relayedMs, {
    chromium: [3_700, 4_400],
    firefox: [1_020, 1_600],
  }),
  figure(CLOSED, 'channel closed by the other end', (seen) => seen.signMs, {
    chromium: [5, 40],
    firefox: [5, 40],
  }),
  figure(NAVIGATION, 'channel closed by a navigation', (seen) => seen.signMs, {
    chromium: [110, 240],
    firefox: [110, 240],
  }),
  figure(CLOSED_TAB, 'a closed tab noticed', (seen) => seen.signMs, {
    chromium: [5_000, 7_700],
    firefox: [110, 640],
  }),
];
