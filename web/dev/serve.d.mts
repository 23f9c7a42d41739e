export interface Fixtures {
  url: string;
  close: () => Promise<void>;
}
export function startFixtures(options?: {
  store?: string;
  token?: string;
  port?: number;
  prefix?: string;
}): Promise<Fixtures>;
