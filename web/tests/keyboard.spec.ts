import { describe, expect, it } from "vitest";
import { heading, isThere, useStore } from "./support";

describe.skipIf(!isThere("shop"))("the keyboard", () => {
  const shop = useStore("shop");

  it("goes to every page", async () => {
    const page = await shop.open("/");
    await page.locator(".tile").first().waitFor();
    for (const [key, title] of [
      ["m", "Messages"],
      ["t", "Traces"],
      ["f", "Flow"],
      ["l", "Lag"],
      ["s", "Loss"],
      ["o", "Overview"],
    ] as const) {
      await page.keyboard.press("g");
      await page.keyboard.press(key);
      await page.getByRole("heading", { name: title, level: 1 }).waitFor();
    }
  });

  it("is explained by ?, and the explanation goes away with Escape", async () => {
    const page = await shop.open("/");
    await page.locator(".tile").first().waitFor();
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keys" });
    await help.waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    expect(await heading(page)).toBe("Overview");
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "detached" });
  });

  it("writes in fields, and moves nothing else", async () => {
    const page = await shop.open("/messages");
    await page.getByLabel("Key", { exact: true }).fill("");
    await page.getByLabel("Key", { exact: true }).pressSequentially("gl?/d");
    expect(await page.getByLabel("Key", { exact: true }).inputValue()).toBe("gl?/d");
    expect(await heading(page)).toBe("Messages");
  });

  it("walks through a list and opens a row; the focus can be seen", async () => {
    const page = await shop.open("/traces");
    await page.locator("tbody tr").first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    const row = page.locator("tbody tr:focus");
    expect(
      await row.evaluate((element) => [...(element.parentElement?.children ?? [])].indexOf(element)),
    ).toBe(2);
    expect(await row.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe("solid");
    await page.keyboard.press("Enter");
    await page.getByRole("treegrid").waitFor();
  });

  it("walks through a trace, folds it, and finds its errors", async () => {
    const { traces } = await shop.ask<{ traces: { trace_id: string; spans: number }[] }>(
      "/traces?error=true&limit=50",
    );
    const trace = traces.find(({ spans }) => spans > 3) ?? traces[0];
    const page = await shop.open(`/trace?id=${trace?.trace_id}`);
    const grid = page.getByRole("treegrid");
    await grid.focus();
    await page.keyboard.press("ArrowDown");
    const selected = page.locator(".timeline-row[aria-selected=true]");
    expect(await selected.getAttribute("aria-rowindex")).toBe("1");
    const rows = Number(await grid.getAttribute("aria-rowcount"));
    await page.keyboard.press("ArrowLeft");
    await page.waitForURL(/fold=/);
    expect(Number(await grid.getAttribute("aria-rowcount"))).toBeLessThan(rows);
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(
      (count) => document.querySelector("[role=treegrid]")?.getAttribute("aria-rowcount") === `${count}`,
      rows,
    );
    await page.keyboard.press("e");
    await page.locator(".timeline-row.has-error[aria-selected=true]").waitFor();
  });

  it("moves the window, and pauses", async () => {
    const page = await shop.open("/");
    await page.locator(".tile").first().waitFor();
    await page.keyboard.press(".");
    await page.waitForURL(/live=off/);
    await page.keyboard.press("[");
    await page.waitForURL(/from=.*to=/);
  });

  it("reads a chart's values, and chooses its peak", async () => {
    const page = await shop.open("/lag");
    const chart = page.getByRole("slider").first();
    await chart.focus();
    await page.keyboard.press("Enter");
    await page.locator("[data-test=moment]").waitFor();
    const before = await chart.getAttribute("aria-valuetext");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await chart.getAttribute("aria-valuetext")).not.toBe(before);
  });
});
