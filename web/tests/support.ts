import { mkdirSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { startFixtures } from "../dev/serve.mjs";

// The pages are looked at in Debian's Chromium. They come from the stand-in server, unless an address is given:
// WAYBILL_WEB_URL for a store with traffic, WAYBILL_WEB_EMPTY_URL, WAYBILL_WEB_HOSTILE_URL and WAYBILL_WEB_BIG_URL.
// WAYBILL_WEB_STORY_URL (tests/web/shop_story.py) and WAYBILL_WEB_LANGUAGES_URL (tests/backends/test_server.py) have no
// stand-in.
export type Store = "shop" | "empty" | "quiet" | "hostile" | "big" | "story" | "languages";

const addresses: Record<Store, string | undefined> = {
  shop: process.env.WAYBILL_WEB_URL,
  empty: process.env.WAYBILL_WEB_EMPTY_URL,
  quiet: undefined,
  hostile: process.env.WAYBILL_WEB_HOSTILE_URL,
  big: process.env.WAYBILL_WEB_BIG_URL,
  story: process.env.WAYBILL_WEB_STORY_URL,
  languages: process.env.WAYBILL_WEB_LANGUAGES_URL,
};
const hasNoStandIn = new Set<Store>(["story", "languages"]);

// With a real server, only what it was given an address for can be tested.
export function isThere(store: Store): boolean {
  const isStandIn = Object.values(addresses).every((address) => address === undefined);
  return addresses[store] !== undefined || (isStandIn && !hasNoStandIn.has(store));
}

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

interface Setting {
  url: string;
  browser: Browser;
  // A page of its own, which must not complain, nor ask another server for anything.
  open: (path: string, options?: Parameters<Browser["newContext"]>[0]) => Promise<Page>;
  ask: <T>(path: string) => Promise<T>;
}

export function useStore(store: Store, options: { token?: string; prefix?: string } = {}): Setting {
  const setting = {} as Setting;
  const contexts: BrowserContext[] = [];
  let close = async () => {};

  beforeAll(async () => {
    const fixtures = addresses[store] ? null : await startFixtures({ store, ...options });
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: flags,
    });
    const url = addresses[store] ?? fixtures?.url ?? "";
    setting.url = url;
    setting.browser = browser;
    setting.open = async (path, contextOptions) => {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...contextOptions });
      contexts.push(context);
      const page = await context.newPage();
      watch(page, url);
      await page.goto(url + path);
      return page;
    };
    setting.ask = async <T>(path: string) => (await fetch(`${url}/api/v1${path}`)).json() as Promise<T>;
    close = async () => {
      await browser.close();
      await fixtures?.close();
    };
  });
  afterAll(async () => {
    await close();
    expect(complaints.splice(0)).toEqual([]);
  });
  return setting;
}

const complaints: string[] = [];

function watch(page: Page, url: string): void {
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    // A status that is no 200 is the answer's business; the browser notes it all the same.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      complaints.push(`${page.url()}: ${message.text()}`);
    }
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith("blob:")) {
      complaints.push(`${page.url()} asked ${request.url()}`);
    }
  });
  page.on("dialog", (dialog) => {
    complaints.push(`${page.url()} opened a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
}

// How large the documentation's pictures are, and whose time they show.
export const pictureOptions = {
  viewport: { width: 1280, height: 800 },
  timezoneId: "UTC",
  locale: "en-GB",
};

// WAYBILL_WEB_PICTURES names a folder for them: tests/support/page_tests.py makes them docs/images.
export async function takePicture(page: Page, name: string, height?: number): Promise<void> {
  const folder = process.env.WAYBILL_WEB_PICTURES;
  if (folder) {
    mkdirSync(folder, { recursive: true });
    await page.mouse.move(0, 0);
    const { width } = pictureOptions.viewport;
    await page.setViewportSize({ width, height: height ?? pictureOptions.viewport.height });
    await page.screenshot({ path: `${folder}/${name}.png`, animations: "disabled" });
  }
}

export async function heading(page: Page): Promise<string> {
  return (await page.locator("h1").first().textContent({ timeout: 10_000 })) ?? "";
}
