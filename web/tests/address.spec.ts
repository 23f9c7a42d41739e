import { describe, expect, it } from "vitest";
import { isThere, useStore } from "./support";

describe.skipIf(!isThere("shop"))("the address", () => {
  const shop = useStore("shop");

  it("takes the time range from page to page", async () => {
    const page = await shop.open("/?last=15m&live=off");
    await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Lag" }).click();
    await page.getByRole("heading", { name: "Lag", level: 1 }).waitFor();
    expect(new URL(page.url()).search).toBe("?last=15m&live=off");
    expect(await page.locator("[data-test=range]").textContent()).toContain("Last 15 minutes");
  });

  it("follows what is chosen, and the back button goes back", async () => {
    const page = await shop.open("/flow");
    await page.locator("[data-test=range]").click();
    await page.getByRole("button", { name: "Last 3 hours" }).click();
    await page.waitForURL(/last=3h/);
    await page.locator(".flow-node").first().click();
    await page.waitForURL(/node=/);
    await page.goBack();
    await page.waitForURL((url) => !url.search.includes("node="));
    await page.goBack();
    await page.waitForURL((url) => !url.search.includes("last="));
  });

  it("opens in another tab as it was", async () => {
    const page = await shop.open("/lag");
    await page.getByRole("slider").first().focus();
    await page.keyboard.press("Enter");
    await page.locator("[data-test=moment]").waitFor();
    const other = await shop.open(new URL(page.url()).pathname + new URL(page.url()).search);
    await other.locator("[data-test=moment]").waitFor();
    const title = (one: typeof page) => one.locator("[data-test=moment] h3").textContent();
    expect((await title(other))?.slice(0, 12)).toBe((await title(page))?.slice(0, 12));
  });

  it("takes moments that are written by hand, and says what is wrong with others", async () => {
    const page = await shop.open("/");
    await page.locator("[data-test=range]").click();
    await page.getByLabel("From").fill("2026-01-01 10:00:00");
    await page.getByLabel("To", { exact: true }).fill("2026-01-01 09:00:00");
    await page.getByRole("button", { name: "Show this window" }).click();
    await page.getByText("The window must end after it begins.").waitFor();
    await page.getByLabel("To", { exact: true }).fill("2026-01-01 11:00:00");
    await page.getByRole("button", { name: "Show this window" }).click();
    await page.waitForURL(/from=2026-01-01T.*to=2026-01-01T/);
  });
});

describe.skipIf(!isThere("shop") || process.env.WAYBILL_WEB_URL !== undefined)(
  "below a prefix, behind another server,",
  () => {
    const shop = useStore("shop", { prefix: "/kafka/ui" });

    it("every page works, also when it is the first", async () => {
      const page = await shop.open("/lag?last=5m");
      await page.locator("tbody tr").first().waitFor();
      await page.getByRole("link", { name: "Waybill, overview" }).click();
      await page.locator(".tile").first().waitFor();
      expect(new URL(page.url()).pathname).toBe("/kafka/ui/");
      await page.reload();
      await page.locator(".tile").first().waitFor();
    });
  },
);
