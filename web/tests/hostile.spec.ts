import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Messages } from "../src/api/types";
import { isThere, useStore } from "./support";

// Topics, groups, services, keys and errors that are written to run a script. The support fails on any complaint of
// the content security policy, on a dialog, and on a request to elsewhere.
describe.skipIf(!isThere("hostile"))("hostile names", () => {
  const hostile = useStore("hostile");

  it.each(["/", "/messages", "/traces", "/flow", "/flow?compare=before", "/lag", "/loss"])(
    "are text at %s",
    async (path) => {
      const page = await hostile.open(path);
      await page.locator("tbody tr").first().waitFor();
      await isHarmless(page);
      expect(await page.locator("main").textContent()).toContain("document.title='pwned'");
    },
  );

  it("are text on a message's page, in its trace and in its span, under the pointer too", async () => {
    const { messages } = await hostile.ask<Messages>("/messages?limit=100");
    const { message } =
      messages.find(({ message }) => message.offset !== null && message.trace_id !== null) ?? {};
    const query = new URLSearchParams({
      topic: `${message?.topic}`,
      partition: `${message?.partition}`,
      offset: `${message?.offset}`,
    });
    const page = await hostile.open(`/message?${query}`);
    await page.locator("[data-test=verdict]").waitFor();
    expect(await page.locator("h1").textContent()).toContain(message?.topic);
    await isHarmless(page);
    await page.goto(`${hostile.url}/trace?id=${message?.trace_id}&span=${message?.span_id}`);
    await page.locator("[data-test=span]").waitFor();
    await page.locator(".timeline-row").first().hover();
    await isHarmless(page);
  });

  it("in the address are text too", async () => {
    const bad = encodeURIComponent("<img src=x onerror=document.title='pwned'>");
    for (const path of [
      `/lag?group=${bad}`,
      `/message?topic=${bad}&partition=0&offset=1`,
      `/messages?key=${bad}`,
      `/flow?node=javascript:alert(1)`,
      `/trace?id=${bad}`,
      `/${encodeURIComponent("<img src=x onerror=alert(1)>")}`,
    ]) {
      const page = await hostile.open(path);
      await page.locator("h1").first().waitFor();
      await isHarmless(page);
    }
  });

  it("make no link that runs a script", async () => {
    const page = await hostile.open("/flow");
    await page.locator("tbody tr").first().waitFor();
    const links = await page
      .locator("a")
      .evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).protocol));
    expect(new Set(links)).toEqual(new Set(["http:"]));
  });
});

async function isHarmless(page: Page): Promise<void> {
  await page.waitForTimeout(100); // what would run, runs at once
  expect(
    await page.evaluate(() => document.title.includes("pwned") && !document.title.includes("document.title")),
  ).toBe(false);
  expect(
    await page
      .locator(
        "#root img, #root script, #root iframe, #root svg[onload], #root [onerror], #root [onmouseover]",
      )
      .count(),
  ).toBe(0);
}
