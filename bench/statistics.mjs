export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The middle of all turns, for each of their measures. */
export function summary(turns) {
  const middle = (name) => median(turns.map((turn) => turn[name]));
  return {
    perSecond: middle('perSecond'),
    cpu: middle('cpu'),
    p50: middle('p50'),
    p99: middle('p99'),
    rss: middle('rss'),
  };
}

/** One contender's measure over another's: the middle of the ratios within each round, where both had the same weather. */
export function ratio({ turns }, measure, label, base) {
  return median(turns[label].map((turn, round) => turn[measure] / turns[base][round][measure]));
}
