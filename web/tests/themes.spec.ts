import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Messages } from "../src/api/types";
import { isThere, useStore } from "./support";

const shots = process.env.WAYBILL_WEB_SHOTS;
const paths = ["/", "/messages", "/traces", "/flow", "/lag", "/loss"];

describe.skipIf(!isThere("shop")).each(["light", "dark"] as const)("%s", (theme) => {
  const shop = useStore("shop");

  it.each(paths)("is how %s looks where the system is so, and its text can be read", async (path) => {
    const page = await shop.open(path, { colorScheme: theme });
    await page.locator("tbody tr").first().waitFor();
    const [ground, text] = await page.evaluate(() => {
      const { backgroundColor, color } = getComputedStyle(document.body);
      return [backgroundColor, color];
    });
    expect(brightness(`${ground}`) > brightness(`${text}`)).toBe(theme === "light");
    expect(contrast(`${ground}`, `${text}`)).toBeGreaterThan(7);
    await keep(page, `${path.slice(1) || "overview"}-${theme}`);
  });

  it("is how a message's way and a trace look", async () => {
    const { messages } = await shop.ask<Messages>("/messages?limit=100");
    // Not the newest: what it leads to takes its time.
    const { message } = messages.filter(({ error }) => error === null).at(-1) ?? {};
    const query = new URLSearchParams({
      topic: `${message?.topic}`,
      partition: `${message?.partition}`,
      offset: `${message?.offset}`,
    });
    const page = await shop.open(`/message?${query}`, { colorScheme: theme });
    await page.locator("[data-test=lane]").first().waitFor();
    await keep(page, `message-${theme}`);
    await page.goto(`${shop.url}/trace?id=${message?.trace_id}`);
    await page.locator(".timeline-row").first().waitFor();
    await keep(page, `trace-${theme}`);
    expect(await page.locator(".timeline-bar").count()).toBeGreaterThan(0);
  });

  it("has tones that can be read on their ground", async () => {
    const page = await shop.open("/lag", { colorScheme: theme });
    await page.locator(".mark").first().waitFor();
    const tones = await page.evaluate(() => {
      const style = getComputedStyle(document.documentElement);
      const names = ["good", "wait", "warn", "bad", "doubt", "mute"].map((name) => `--tone-${name}`);
      return [...names, "--muted", "--accent"].map((name) => style.getPropertyValue(name).trim());
    });
    const surface = await page.evaluate(() =>
      getComputedStyle(document.documentElement).getPropertyValue("--surface").trim(),
    );
    for (const tone of tones) {
      expect(contrast(tone, surface)).toBeGreaterThan(4.5);
    }
  });
});

describe.skipIf(!isThere("shop"))("the switch", () => {
  const shop = useStore("shop");

  it("is remembered", async () => {
    const page = await shop.open("/", { colorScheme: "light" });
    const button = page.locator("[data-test=theme]");
    await button.click();
    await button.click();
    expect(await button.textContent()).toContain("dark");
    await page.reload();
    expect(await button.textContent()).toContain("dark");
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe("dark");
  });
});

// WAYBILL_WEB_SHOTS names a folder for pictures, those of the documentation for instance.
async function keep(page: Page, name: string): Promise<void> {
  if (shots) {
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: `${shots}/${name}.png`, animations: "disabled" });
  }
}

function channels(colour: string): number[] {
  const hex = /^#(..)(..)(..)$/.exec(colour);
  const found = hex
    ? hex.slice(1).map((pair) => Number.parseInt(pair, 16))
    : (colour.match(/[\d.]+/g) ?? []).map(Number);
  return found.slice(0, 3);
}

// Relative luminance and contrast as WCAG defines them.
function brightness(colour: string): number {
  const [red = 0, green = 0, blue = 0] = channels(colour).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [brightness(one), brightness(other)].sort((left, right) => right - left);
  return (high + 0.05) / (low + 0.05);
}
