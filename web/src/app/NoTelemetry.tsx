import { token } from "@/api/client";
import { Empty } from "@/parts/Answered";
import { PageHead } from "@/parts/PageHead";

// What a new server shows: where telemetry has to go.
export function NoTelemetry() {
  const address = location.origin;
  return (
    <>
      <PageHead title="No telemetry yet" />
      <Empty title="Nothing has arrived. Point your programs here:">
        <pre className="copyable" data-test="endpoint">
          export OTEL_EXPORTER_OTLP_ENDPOINT={address}
          {"\n"}export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
          {token.read() ? '\nexport OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20TOKEN"' : ""}
        </pre>
        <p>
          Any client's OTLP is welcome: Waybill's, the Java agent's, a Collector's. For a program on
          librdkafka:
        </p>
        <pre className="copyable">waybill run -e OTEL_EXPORTER_OTLP_ENDPOINT={address} -- PROGRAM</pre>
        <p className="hint">This page looks every two seconds.</p>
      </Empty>
    </>
  );
}
