#pragma once

#include <string>

#include "waybill/server/answer.h"
#include "waybill/server/parameters.h"
#include "waybill/server/sources.h"

// One function for each question of openapi.yaml; each asks the store, calls analysis, and writes what it
// says.
namespace waybill::server {

Answer answer_status(const Sources& sources, Parameters& parameters);
Answer answer_names(const Sources& sources, Parameters& parameters);
Answer answer_overview(const Sources& sources, Parameters& parameters);
Answer answer_messages(const Sources& sources, Parameters& parameters);
Answer answer_message(const Sources& sources, Parameters& parameters);
Answer answer_traces(const Sources& sources, Parameters& parameters);
Answer answer_trace(const Sources& sources, Parameters& parameters, const context::TraceId& id);
Answer answer_trace_data(const Sources& sources, Parameters& parameters, const context::TraceId& id);
Answer answer_flow(const Sources& sources, Parameters& parameters);
Answer answer_lag(const Sources& sources, Parameters& parameters);
Answer answer_loss(const Sources& sources, Parameters& parameters);

}  // namespace waybill::server
