/** The addresses a provider sends mail from, as it published them at one time. */
export interface ProviderRanges {
  id: string;
  title: string;
  /** CIDR ranges. */
  ranges: readonly string[];
  /** Where the provider publishes them. */
  source: string;
  /** As of when, as exactly as the source tells. */
  asOf: string;
}

/**
 * A snapshot, never fetched: a server that opens itself to whatever a name answers today is no list. Whoever uses one sees
 * its ranges and its age; what is missing shows among the peers that were turned away.
 */
export const providerRanges: readonly ProviderRanges[] = [
  {
    id: "microsoft-365",
    title: "Microsoft 365",
    ranges: [
      "40.92.0.0/15",
      "40.107.0.0/16",
      "52.100.0.0/14",
      "104.47.0.0/17",
      "2a01:111:f400::/48",
      "2a01:111:f403::/48",
    ],
    source: "https://endpoints.office.com/endpoints/worldwide, Exchange, id 10 (TCP 25)",
    asOf: "version 2026081400 of that list",
  },
  {
    id: "google-workspace",
    title: "Google Workspace",
    ranges: [
      "35.190.247.0/24",
      "64.233.160.0/19",
      "66.102.0.0/20",
      "66.249.80.0/20",
      "72.14.192.0/18",
      "74.125.0.0/16",
      "108.177.8.0/21",
      "173.194.0.0/16",
      "209.85.128.0/17",
      "216.58.192.0/19",
      "216.239.32.0/19",
      "172.217.0.0/19",
      "172.217.32.0/20",
      "172.217.128.0/19",
      "172.217.160.0/20",
      "172.217.192.0/19",
      "172.253.56.0/21",
      "172.253.112.0/20",
      "108.177.96.0/19",
      "35.191.0.0/16",
      "130.211.0.0/22",
      // Mail that Gmail forwards without having authenticated it comes from addresses outside its SPF record.
      "108.177.16.0/23",
      "142.250.220.0/23",
      "2600:1901:101::/48",
      "2001:4860:4000::/36",
      "2404:6800:4000::/36",
      "2607:f8b0:4000::/36",
      "2800:3f0:4000::/36",
      "2a00:1450:4000::/36",
      "2c0f:fb50:4000::/36",
    ],
    source: "TXT of _netblocks.google.com, _netblocks2 and _netblocks3; https://support.google.com/a/answer/60764",
    asOf: "2023",
  },
  {
    id: "mimecast-eu",
    title: "Mimecast, Europe",
    ranges: [
      "195.130.217.0/24",
      "91.220.42.0/24",
      "146.101.78.0/24",
      "207.82.80.0/24",
      "213.167.81.0/25",
      "193.7.207.0/25",
      "213.167.75.0/25",
      "185.58.85.0/24",
      "185.58.86.0/24",
      "193.7.206.0/25",
      "147.28.36.0/24",
    ],
    source: "TXT of eu._netblocks.mimecast.com",
    asOf: "2025",
  },
  {
    id: "mimecast-us",
    title: "Mimecast, United States",
    ranges: [
      "207.211.31.0/25",
      "205.139.110.0/24",
      "216.205.24.0/24",
      "170.10.129.0/24",
      "63.128.21.0/24",
      "170.10.133.0/24",
      "185.58.84.93/32",
      "207.211.41.113/32",
      "207.211.30.64/26",
      "207.211.30.128/25",
      "216.145.221.0/24",
      "170.10.128.0/24",
      "170.10.132.56/29",
      "170.10.132.64/29",
    ],
    source: "TXT of us._netblocks.mimecast.com",
    asOf: "2025",
  },
];

/** The ranges of a provider, or undefined when there is none of this id. */
export function rangesOfProvider(id: string): readonly string[] | undefined {
  return providerRanges.find((provider) => provider.id === id)?.ranges;
}
