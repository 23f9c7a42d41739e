import { describe, expect, it } from "vitest";
import { heading, isThere, useStore } from "./support";

const paths = ["/", "/messages", "/traces", "/flow", "/lag", "/loss"];

describe.skipIf(!isThere("empty"))("an empty store", () => {
  const empty = useStore("empty");

  it.each(paths)("says at %s where telemetry has to go", async (path) => {
    const page = await empty.open(path);
    const endpoint = page.locator("[data-test=endpoint]");
    await endpoint.waitFor();
    expect(await endpoint.textContent()).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=${empty.url}`);
  });
});

describe.skipIf(!isThere("quiet"))("a window in which nothing happened", () => {
  const quiet = useStore("quiet");

  it.each([
    ["/", "Nothing that stands out."],
    ["/messages", "No message like this in this window."],
    ["/traces", "No trace like this in this window."],
    ["/flow", "Nothing flowed in this window."],
    ["/flow?compare=before", "Nothing flowed in this window."],
    ["/lag", "No group has told its lag in this window."],
    ["/lag?group=gone", "Nothing is known of the group gone in this window."],
    ["/loss", "No topic was sent to or read in this window."],
  ])("at %s is told as such", async (path, text) => {
    const page = await quiet.open(path);
    await page.getByText(text).first().waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  it("has no number that looks like one", async () => {
    const page = await quiet.open("/");
    await page.locator(".tile").first().waitFor();
    expect(new Set(await page.locator(".tile-value").allTextContents())).toEqual(new Set(["–"]));
    expect(await page.locator("main").innerHTML()).not.toContain("NaN");
  });
});

describe.skipIf(!isThere("shop"))("a broken link", () => {
  const shop = useStore("shop");

  it("to no page says so, and leads on", async () => {
    const page = await shop.open("/nonsense");
    await page.getByText("There is no page at this address").waitFor();
    await page.getByRole("link", { name: "To the overview" }).click();
    expect(await heading(page)).toBe("Overview");
  });

  it("to an unknown message does not call it lost", async () => {
    const page = await shop.open("/message?topic=nowhere&partition=0&offset=7");
    await page.getByText("Nothing is known of nowhere/0@7.").waitFor();
    expect(await page.locator(".mark.tone-bad").count()).toBe(0);
  });

  it("to an unknown trace says so", async () => {
    const page = await shop.open(`/trace?id=${"0".repeat(31)}1`);
    await page.getByText("Nothing is known of this trace.").waitFor();
  });

  it.each(["/message", "/message?topic=orders", "/trace", "/trace?id=../../etc/passwd"])(
    "that is cut, %s, says what is missing",
    async (path) => {
      const page = await shop.open(path);
      await page.getByRole("alert").first().waitFor();
    },
  );

  it("with nonsense in its time range, its order and its zoom still shows the page", async () => {
    const page = await shop.open("/traces?last=banana&from=x&sort-traces=-nothing");
    await page.locator("tbody tr").first().waitFor();
    expect(await page.locator("[data-test=range]").textContent()).toContain("Last hour");
  });
});

describe.skipIf(!isThere("shop"))("a server that is away", () => {
  const shop = useStore("shop");

  it("is told, what is shown stays, and it heals by itself", async () => {
    const page = await shop.open("/lag");
    await page.locator("tbody tr").first().waitFor();
    await page.route("**/api/v1/**", (route) => route.abort());
    await page.keyboard.press("r");
    await page.getByText("The server does not answer. What is shown is older.").first().waitFor();
    expect(await page.locator("tbody tr").count()).toBeGreaterThan(0);
    await page.unroute("**/api/v1/**");
    await page.keyboard.press("r");
    await page.getByText("What is shown is older.").first().waitFor({ state: "detached" });
  });

  it("from the beginning on says that it does not answer", async () => {
    const page = await shop.open("/nonsense");
    await page.route("**/api/v1/**", (route) =>
      route.fulfill({ status: 502, contentType: "text/html", body: "<b>proxy</b>" }),
    );
    await page.getByRole("link", { name: "Loss" }).click();
    await page.getByText("The server answered 502").first().waitFor();
    expect(await page.locator("b", { hasText: "proxy" }).count()).toBe(0);
  });
});

describe.skipIf(!isThere("shop") || process.env.WAYBILL_WEB_URL !== undefined)(
  "a server with a token",
  () => {
    const guarded = useStore("shop", { token: "open sesame" });

    it("is given the token once; it stays with the tab", async () => {
      const page = await guarded.open("/lag");
      const question = page.getByRole("dialog", { name: "Token" });
      await question.getByLabel("Token").fill("wrong");
      await question.getByRole("button").click();
      await question.getByText("does not accept").waitFor();
      await question.getByLabel("Token").fill("open sesame");
      await question.getByRole("button").click();
      await page.locator("tbody tr").first().waitFor();
      await page.reload();
      await page.locator("tbody tr").first().waitFor();
      expect(await question.count()).toBe(0);
      expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
      expect(page.url()).not.toContain("sesame");
    });

    it("asks again after the question was closed", async () => {
      const page = await guarded.open("/lag");
      const question = page.getByRole("dialog", { name: "Token" });
      await question.waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Give the token" }).click();
      await question.getByLabel("Token").fill("open sesame");
      await question.getByRole("button").click();
      await page.locator("tbody tr").first().waitFor();
    });
  },
);
