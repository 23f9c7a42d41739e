import { describe, expect, it } from "vitest";
import { isThere, useStore } from "./support";

describe.skipIf(!isThere("big"))("a trace of 100,000 spans", () => {
  const big = useStore("big");

  const open = async () => {
    const { traces } = await big.ask<{ traces: { trace_id: string; spans: number }[] }>("/traces?limit=50");
    const largest = [...traces].sort((left, right) => right.spans - left.spans)[0];
    return big.open(`/trace?id=${largest?.trace_id}`);
  };

  it("is shown in part, says so, and draws only the rows in view", async () => {
    const page = await open();
    const grid = page.getByRole("treegrid");
    await grid.waitFor();
    expect(Number(await grid.getAttribute("aria-rowcount"))).toBeGreaterThan(1000);
    expect(await page.locator(".timeline-row").count()).toBeLessThan(120);
    await page.getByText("This trace has more spans than are shown.").waitFor();
  });

  it("is walked to its end, filtered, searched, and zoomed", async () => {
    const page = await open();
    const grid = page.getByRole("treegrid");
    const all = Number(await grid.getAttribute("aria-rowcount"));
    await grid.focus();
    await page.keyboard.press("End");
    await page.locator(`.timeline-row[aria-rowindex="${all}"][aria-selected=true]`).waitFor();

    await page.getByLabel("Show").selectOption("errors");
    await page.waitForURL(/only=errors/);
    await page.waitForFunction(
      (count) => Number(document.querySelector("[role=treegrid]")?.getAttribute("aria-rowcount")) < count,
      all,
    );
    await page.getByLabel("Show").selectOption("");

    const minimap = await page.locator("[data-test=minimap]").boundingBox();
    if (!minimap) {
      throw new Error("there is no minimap");
    }
    await page.mouse.move(minimap.x + minimap.width * 0.25, minimap.y + 20);
    await page.mouse.down();
    await page.mouse.move(minimap.x + minimap.width * 0.5, minimap.y + 20, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/zoom=/);
    await page.getByRole("button", { name: /the whole/ }).click();
    await page.waitForURL((url) => !url.search.includes("zoom=") || url.search.includes("zoom=all"));
  });
});
