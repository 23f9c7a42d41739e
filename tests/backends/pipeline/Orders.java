import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** The pipeline's first program writes orders: {@code Orders BROKERS TOPIC COUNT}. It knows nothing of tracing. */
public final class Orders {
  public static void main(String[] values) throws Exception {
    Map<String, Object> properties = Map.of("bootstrap.servers", values[0], "client.id", "orders");
    try (var producer = new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
      for (int order = 1; order <= Integer.parseInt(values[2]); ++order) {
        producer.send(new ProducerRecord<>(values[1], "customer-" + order, "{\"order\": " + order + "}")).get();
      }
    }
  }
}
