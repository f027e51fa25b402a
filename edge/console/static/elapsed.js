// Milliseconds that only grow. A clock that is set back makes nothing young again, and a sleep of the
// computer, in which the browser's own count stands still, counts.
let total = 0;
let wall = Date.now();
let count = performance.now();

export function elapsed() {
  const [nowWall, nowCount] = [Date.now(), performance.now()];
  total += Math.max(nowWall - wall, nowCount - count);
  [wall, count] = [nowWall, nowCount];
  return total;
}
