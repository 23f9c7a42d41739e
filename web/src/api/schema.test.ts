import { readFileSync } from "node:fs";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";
import { expect, it } from "vitest";

it("the types are those of openapi.yaml; npm run generate makes them anew", async () => {
  const yaml = new URL("../../../waybill/server/openapi.yaml", import.meta.url);
  const types = await openapiTS(yaml, { propertiesRequiredByDefault: true });
  expect(readFileSync(new URL("./schema.ts", import.meta.url), "utf8")).toBe(
    COMMENT_HEADER + astToString(types),
  );
});
