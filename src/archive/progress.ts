/** Progress of long work: `done` of `total` in `unit`. */
export interface Progress {
  done: number;
  total: number;
  unit: string;
}
