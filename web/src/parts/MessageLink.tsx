import { Link } from "@/address/Link";
import { nameOfMessage, placeOfMessage } from "@/address/places";
import type { MessageName } from "@/api/types";

// A message by its name; a link where it can be found by what is known of it.
export function MessageLink({ message }: { message: MessageName }) {
  const place = placeOfMessage(message);
  const name = <span className="code">{nameOfMessage(message)}</span>;
  return place ? (
    <Link page={place.page} query={place.query}>
      {name}
    </Link>
  ) : (
    name
  );
}
