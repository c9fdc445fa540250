import type { Cell } from './cell.js';
import { LAB_CELLS } from './lab-cells.js';
import { LOOPBACK_CELLS } from './loopback-cells.js';

/** The matrix of the issue and of the report, in its order. */
export const CELLS: readonly Cell[] = [...LAB_CELLS, ...LOOPBACK_CELLS];
