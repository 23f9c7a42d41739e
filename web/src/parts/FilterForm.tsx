import { type ReactNode, useEffect, useId, useState } from "react";
import { useQuery } from "@/address/use_address";
import { urlOf } from "@/api/client";
import { useAnswer } from "@/api/use_answer";

export interface Field {
  key: string; // in the address
  label: string;
  kind: "text" | "number" | "check";
  names?: "topic" | "service" | "group"; // completed by the server
  placeholder?: string;
  width?: number; // in characters
}

// The filters of a list. What is typed counts with Enter or when the field is left; a check counts at once.
export function FilterForm({ fields, children }: { fields: Field[]; children?: ReactNode }) {
  const [query, change] = useQuery();
  const isSet = fields.some(({ key }) => query[key]);
  return (
    <search>
      <form className="filters" onSubmit={(event) => event.preventDefault()}>
        {fields.map((field) => (
          <FilterField
            key={field.key}
            field={field}
            value={query[field.key] ?? ""}
            onChange={(value) => change({ [field.key]: value, cursor: "" })}
          />
        ))}
        {isSet && (
          <button
            type="button"
            className="quiet"
            onClick={() => change(Object.fromEntries(fields.map(({ key }) => [key, ""])))}
          >
            Clear
          </button>
        )}
        {children}
      </form>
    </search>
  );
}

interface FieldProps {
  field: Field;
  value: string;
  onChange: (value: string) => void;
}

function FilterField({ field, value, onChange }: FieldProps) {
  const [text, setText] = useState(value);
  const [isUsed, setUsed] = useState(false);
  const id = useId();
  useEffect(() => setText(value), [value]);
  if (field.kind === "check") {
    return (
      <label className="check">
        <input
          type="checkbox"
          checked={value === "true"}
          onChange={(event) => onChange(event.target.checked ? "true" : "")}
        />
        {field.label}
      </label>
    );
  }
  const apply = () => text.trim() !== value && onChange(text.trim());
  return (
    <label className="field" htmlFor={id}>
      {field.label}
      <input
        id={id}
        name={field.key}
        value={text}
        list={field.names ? `${id}names` : undefined}
        inputMode={field.kind === "number" ? "numeric" : undefined}
        pattern={field.kind === "number" ? "[0-9]+([.][0-9]+)?" : undefined}
        placeholder={field.placeholder}
        size={field.width ?? 16}
        spellCheck={false}
        autoComplete="off"
        onFocus={() => setUsed(true)}
        onChange={(event) => setText(event.target.value)}
        onBlur={apply}
        onKeyDown={(event) => event.key === "Enter" && apply()}
      />
      {field.names && isUsed && <Names id={`${id}names`} kind={field.names} prefix={text} />}
    </label>
  );
}

function Names({ id, kind, prefix }: { id: string; kind: "topic" | "service" | "group"; prefix: string }) {
  const { answer } = useAnswer("/names", urlOf("/names", { kind, prefix }), kind);
  return (
    <datalist id={id}>
      {answer?.names.map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  );
}
