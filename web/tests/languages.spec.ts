import { describe, expect, it } from "vitest";
import type { Messages } from "../src/api/types";
import { isThere, pictureOptions, takePicture, useStore } from "./support";

// Java with OpenTelemetry's agent sends to C++ under Waybill, and that to Python (tests/backends/pipeline).
describe.skipIf(!isThere("languages"))("Java, C++ and Python", () => {
  const server = useStore("languages");

  it("stand in one picture of the flow, with both topics between them", async () => {
    const page = await server.open("/flow", pictureOptions);
    for (const node of [
      "service orders",
      "topic orders",
      "group billing",
      "service billing",
      "topic payments",
    ]) {
      await page.getByRole("button", { name: new RegExp(`^${node}(,|$)`) }).waitFor();
    }
    await page.getByRole("button", { name: /^(group|service) shipping$/ }).waitFor();
    await takePicture(page, "languages-flow", 700);
  });

  it("have their spans in one trace, with a critical path through Kafka", async () => {
    const { messages } = await server.ask<Messages>("/messages?topic=orders");
    const page = await server.open(`/trace?id=${messages[0]?.message.trace_id}`, pictureOptions);
    await page.locator("[data-test=critical-path]").getByText("in the log").waitFor();
    const rows = page.locator(".timeline-row");
    await rows.nth(3).waitFor();
    const names = ["orders publish", "process orders", "send payments", "payments receive"];
    expect(await rows.count()).toBe(names.length);
    for (const [index, language] of ["java", "cpp", "cpp", "python"].entries()) {
      expect(await rows.nth(index).textContent()).toContain(names[index]);
      await rows.nth(index).click();
      const resource = page
        .locator("[data-test=span]")
        .getByText("telemetry.sdk.language")
        .locator("xpath=..");
      await resource.getByText(language, { exact: true }).waitFor();
    }
    await takePicture(page, "languages-trace", 740);
  });

  it("have one message's way, from the Java program to the group that processed it", async () => {
    const { messages } = await server.ask<Messages>("/messages?topic=orders");
    const { topic, partition, offset } = messages[0]?.message ?? {};
    const page = await server.open(`/message?topic=${topic}&partition=${partition}&offset=${offset}`);
    await page.getByText("Produced by orders").waitFor();
    await page
      .getByRole("region", { name: "group billing" })
      .getByText("processed", { exact: true })
      .first()
      .waitFor();
    // Python's instrumentation does not tell its group.
    await page.getByRole("region", { name: "Sent while it was processed" }).getByRole("link").click();
    await page.getByRole("region", { name: "service shipping" }).waitFor();
  });
});
