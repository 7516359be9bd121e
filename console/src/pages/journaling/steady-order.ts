/**
 * Keeps rows where they are while someone works in the table.
 *
 * @param wanted ids in the order the sort asks for
 * @param shown ids in the order on screen
 * @returns the shown order without what is gone and with what is new at its end, and how many rows would move
 */
export function steadyOrder(wanted: readonly string[], shown: readonly string[]): { order: string[]; moves: number } {
  const isWanted = new Set(wanted);
  const kept = shown.filter((id) => isWanted.has(id));
  const isKept = new Set(kept);
  const order = [...kept, ...wanted.filter((id) => !isKept.has(id))];
  const moves = order.filter((id, place) => wanted[place] !== id).length;
  return { order, moves };
}
