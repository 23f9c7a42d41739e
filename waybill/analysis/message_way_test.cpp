#include "waybill/analysis/message_way.h"

#include <gtest/gtest.h>

#include <functional>

#include "waybill/analysis/testing/story.h"

namespace waybill::analysis {
namespace {

using evidence::Persistence;
using evidence::Presence;
using evidence::Span;
using namespace testing;  // NOLINT(google-build-using-namespace): the words of the stories

constexpr std::uint32_t kSend = 1;
constexpr std::int64_t kOffset = 1234;

// shop sent orders/3@1234 in seconds 10 to 11; the group billing is known, and seen whole until second 100;
// now it is second 200, and the group has committed everything before the message.
MessageEvidence sent() {
  MessageEvidence evidence;
  evidence.place = orders(kOffset);
  evidence.spans = {send(kSend, kOffset, 10, 11)};
  evidence.presence = Presence::kReadable;
  evidence.presence_asked_ns = ns(200);
  evidence.logs = {log_of(0, 2'000, 200)};
  evidence.groups = {{.group = "billing",
                      .coverage = whole(50, 200),
                      .all_members_traced = true,
                      .committed = {committed(kOffset, 200)}}};
  evidence.now_ns = ns(200);
  return evidence;
}

Span process_of(std::uint32_t id, double start, double end) {
  return process(id, ref(kSend), kOffset, start, end);
}

Span other_processed(std::uint32_t id, std::int64_t offset, double start) {
  return process(id, ref(id + 1'000), offset, start, start + 1);
}

// The group got what stands before and behind the message, and has committed that.
MessageEvidence passed() {
  MessageEvidence evidence = sent();
  evidence.spans.push_back(other_processed(20, kOffset - 1, 12));
  evidence.spans.push_back(other_processed(21, kOffset + 1, 14));
  evidence.groups[0].committed = {committed(kOffset + 2, 190)};
  return evidence;
}

struct Row {
  std::string name;
  std::function<MessageEvidence()> make;
  State state;
  std::string cause;
  Confidence confidence;
};

Row fate_of_send_with(std::string error, Persistence persistence, State state, std::string cause) {
  const auto make = [=] {
    MessageEvidence evidence;
    evidence.context = ref(kSend);
    evidence.spans = {failed_send(kSend, error, persistence)};
    return evidence;
  };
  return {error, make, state, std::move(cause), Confidence::kProved};
}

MessageEvidence with(MessageEvidence evidence, const std::function<void(MessageEvidence&)>& change) {
  change(evidence);
  return evidence;
}

void expect_verdicts(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const Verdict verdict = explain(row.make()).verdict;
    EXPECT_EQ(name_of(verdict.state), name_of(row.state)) << row.name << ": " << verdict.text;
    EXPECT_EQ(verdict.cause, row.cause) << row.name;
    EXPECT_EQ(name_of(verdict.confidence), name_of(row.confidence)) << row.name;
    EXPECT_FALSE(verdict.text.empty()) << row.name;
  }
}

TEST(MessageWayTest, TellsFailedSendsApart) {
  expect_verdicts({
      fate_of_send_with("_QUEUE_FULL", Persistence::kUnknown, State::kNeverSent, "queue_full"),
      fate_of_send_with("MSG_SIZE_TOO_LARGE", Persistence::kNotPersisted, State::kNeverSent, "too_large"),
      fate_of_send_with("_MSG_TIMED_OUT", Persistence::kNotPersisted, State::kNeverSent, "message_timed_out"),
      fate_of_send_with("_MSG_TIMED_OUT", Persistence::kPossiblyPersisted, State::kAmbiguous,
                        "message_timed_out"),
      fate_of_send_with("_MSG_TIMED_OUT", Persistence::kUnknown, State::kAmbiguous, "message_timed_out"),
      fate_of_send_with("_PURGE_QUEUE", Persistence::kNotPersisted, State::kNeverSent, "purged"),
      fate_of_send_with("_PURGE_INFLIGHT", Persistence::kPossiblyPersisted, State::kAmbiguous,
                        "purged_in_flight"),
      fate_of_send_with("TOPIC_AUTHORIZATION_FAILED", Persistence::kNotPersisted, State::kNeverSent,
                        "not_authorized"),
      fate_of_send_with("_FENCED", Persistence::kNotPersisted, State::kNeverSent, "fenced"),
      fate_of_send_with("_SOMETHING_NEW", Persistence::kUnknown, State::kAmbiguous, "something_new"),
      fate_of_send_with("org.apache.kafka.common.errors.RecordTooLargeException", Persistence::kUnknown,
                        State::kNeverSent, "too_large"),
      fate_of_send_with("org.apache.kafka.common.errors.TimeoutException", Persistence::kUnknown,
                        State::kAmbiguous, "message_timed_out"),
  });
}

TEST(MessageWayTest, ASendWithoutAnEndOrAnAcknowledgementIsAmbiguous) {
  const auto alone = [](const std::function<void(Span&)>& change) {
    MessageEvidence evidence;
    evidence.context = ref(kSend);
    evidence.spans = {send(kSend, -1, 10, 11)};
    change(evidence.spans[0]);
    return evidence;
  };
  expect_verdicts({
      {"killed", [=] { return alone([](Span& span) { span.unfinished = true; }); }, State::kAmbiguous,
       "process_ended", Confidence::kProved},
      {"acks=0", [=] { return alone([](Span& span) { span.acks = 0; }); }, State::kAmbiguous,
       "no_acknowledgement_asked_for", Confidence::kProved},
      {"a plain client", [=] { return alone([](Span& span) { span.acks.reset(); }); }, State::kAcknowledged,
       "", Confidence::kProved},
  });
}

TEST(MessageWayTest, WhoGotAMessageProvesThatItWasSent) {
  const auto evidence = [] {
    MessageEvidence made;
    made.context = ref(kSend);
    made.spans = {failed_send(kSend, "_MSG_TIMED_OUT", Persistence::kPossiblyPersisted),
                  process_of(2, 12, 13)};
    return made;
  };
  expect_verdicts({{"got", evidence, State::kProcessed, "", Confidence::kProved}});
  EXPECT_EQ(explain(evidence()).message.place, orders(kOffset)) << "as the consumer says";
}

TEST(MessageWayTest, TellsTransactionsApart) {
  const auto in_transaction = [](const std::string& outcome) {
    MessageEvidence evidence = sent();
    evidence.presence = Presence::kNotAsked;
    evidence.groups.clear();
    Span transaction = plain(9, "shop", 9, 12);
    transaction.operation = evidence::Operation::kTransaction;
    transaction.outcome = outcome;
    transaction.error_type = outcome == "unknown" ? "_FENCED" : "";
    evidence.spans[0].links = {link_to(ref(9))};
    evidence.spans.push_back(transaction);
    return evidence;
  };
  expect_verdicts({
      {"committed", [=] { return in_transaction("committed"); }, State::kAcknowledged, "",
       Confidence::kProved},
      {"aborted", [=] { return in_transaction("aborted"); }, State::kAborted, "transaction",
       Confidence::kProved},
      {"fenced", [=] { return in_transaction("unknown"); }, State::kAmbiguous, "transaction_failed",
       Confidence::kProved},
      {"fenced, and a broker knows",
       [=] {
         return with(in_transaction("unknown"),
                     [](auto& evidence) { evidence.presence = Presence::kAborted; });
       },
       State::kAborted, "transaction", Confidence::kProved},
  });
}

TEST(MessageWayTest, ALogThatIsTooShortHasLostWhatWasAcknowledged) {
  const auto behind_end = [](std::int32_t acks, double asked) {
    return with(sent(), [=](MessageEvidence& evidence) {
      evidence.spans[0].acks = acks;
      evidence.presence = Presence::kNotAsked;
      evidence.presence_asked_ns = 0;
      evidence.logs = {log_of(0, kOffset, asked)};
    });
  };
  expect_verdicts({
      {"acks=1, much later", [=] { return behind_end(1, 60); }, State::kLostByBroker, "log_too_short",
       Confidence::kProved},
      {"acks=all", [=] { return behind_end(-1, 20); }, State::kLostByBroker, "log_too_short",
       Confidence::kProved},
      {"acks=1 and the followers are late", [=] { return behind_end(1, 20); }, State::kPending,
       "not_replicated_yet", Confidence::kProved},
      {"asked before the answer", [=] { return behind_end(-1, 5); }, State::kPending, "not_replicated_yet",
       Confidence::kProved},
      {"a newer answer says otherwise",
       [=] {
         return with(behind_end(1, 60),
                     [](auto& evidence) { evidence.logs.push_back(log_of(0, kOffset + 1, 61)); });
       },
       State::kPending, "", Confidence::kProved},
      {"nobody was told its offset",
       [=] { return with(behind_end(1, 60), [](auto& evidence) { evidence.spans[0].place.offset = -1; }); },
       State::kUnknown, "not_written", Confidence::kUnknown},
  });
}

TEST(MessageWayTest, AHoleIsALossOnlyWhereNothingIsCompacted) {
  const auto hole = [](std::optional<bool> is_compacted) {
    return with(sent(), [=](MessageEvidence& evidence) {
      evidence.presence = Presence::kNotReadable;
      evidence.is_compacted = is_compacted;
    });
  };
  expect_verdicts({
      {"not compacted, as far as is known", [=] { return hole(false); }, State::kLostByBroker, "not_readable",
       Confidence::kLikely},
      {"nobody knows", [=] { return hole(std::nullopt); }, State::kUnknown, "not_readable",
       Confidence::kUnknown},
      {"compacted", [=] { return hole(true); }, State::kExpired, "compaction", Confidence::kProved},
      {"compacted, and the group is behind it",
       [=] {
         return with(passed(), [](MessageEvidence& evidence) {
           evidence.presence = Presence::kNotReadable;
           evidence.is_compacted = true;
           evidence.logs.push_back(log_of(0, 2'000, 195));
         });
       },
       State::kExpired, "compaction", Confidence::kLikely},
      {"compacted, and not all is known of the group",
       [=] {
         return with(hole(true), [](auto& evidence) { evidence.groups[0].coverage.is_sampled = true; });
       },
       State::kUnknown, "compaction", Confidence::kUnknown},
      {"the end of a transaction",
       [=] { return with(hole(false), [](auto& evidence) { evidence.spans.clear(); }); }, State::kUnknown,
       "not_readable", Confidence::kUnknown},
  });
}

TEST(MessageWayTest, AnOffsetThatIsGivenAgainIsALossWhereAllReadersAreKnown) {
  const auto again = [](const Coverage& coverage) {
    return with(sent(), [&](MessageEvidence& evidence) {
      evidence.context = ref(kSend);
      evidence.spans.push_back(send(7, kOffset, 30, 31));
      evidence.spans.push_back(process(8, ref(7), kOffset, 32, 33));
      evidence.groups[0].coverage = coverage;
    });
  };
  expect_verdicts({
      {"whole", [=] { return again(whole(50, 200)); }, State::kLostByBroker, "offset_given_again",
       Confidence::kLikely},
      {"members without telemetry",
       [=] {
         return with(again(whole(50, 200)),
                     [](auto& evidence) { evidence.groups[0].all_members_traced.reset(); });
       },
       State::kUnknown, "offset_given_again", Confidence::kUnknown},
      {"not whole", [=] { return again(Coverage{}); }, State::kUnknown, "offset_given_again",
       Confidence::kUnknown},
      {"asked for by place",
       [=] { return with(again(whole(50, 200)), [](auto& evidence) { evidence.context = {}; }); },
       State::kProcessed, "", Confidence::kProved},
  });
}

TEST(MessageWayTest, ProcessingSaysHowItWent) {
  const auto processing = [](const std::function<void(MessageEvidence&)>& change) {
    return with(sent(), [&](MessageEvidence& evidence) {
      evidence.spans.push_back(process_of(2, 12, 13));
      evidence.groups[0].committed = {committed(kOffset + 1, 150)};
      change(evidence);
    });
  };
  const auto fail = [](MessageEvidence& evidence) {
    evidence.spans[1].failed = true;
    evidence.spans[1].error_type = "std::runtime_error";
  };
  expect_verdicts({
      {"well", [=] { return processing([](auto&) {}); }, State::kProcessed, "", Confidence::kProved},
      {"badly", [=] { return processing(fail); }, State::kFailed, "std::runtime_error", Confidence::kProved},
      {"badly, and not all is known",
       [=] {
         return processing([=](MessageEvidence& evidence) {
           fail(evidence);
           evidence.groups[0].coverage.is_sampled = true;
         });
       },
       State::kFailed, "std::runtime_error", Confidence::kLikely},
      {"at the second try",
       [=] {
         return processing([=](MessageEvidence& evidence) {
           fail(evidence);
           evidence.spans.push_back(process_of(3, 14, 15));
         });
       },
       State::kProcessed, "at_another_try", Confidence::kProved},
      {"twice",
       [=] { return processing([](auto& evidence) { evidence.spans.push_back(process_of(3, 14, 15)); }); },
       State::kDuplicated, "processed_again", Confidence::kProved},
      {"one span that came twice",
       [=] { return processing([](auto& evidence) { evidence.spans.push_back(evidence.spans[1]); }); },
       State::kProcessed, "", Confidence::kProved},
      {"seen by two layers of a program",
       [=] {
         return processing([](auto& evidence) { evidence.spans.push_back(process_of(3, 12.1, 12.9)); });
       },
       State::kProcessed, "", Confidence::kProved},
  });
}

TEST(MessageWayTest, AMemberThatEndsWhileItProcesses) {
  const auto killed = [](const std::function<void(MessageEvidence&)>& change) {
    return with(sent(), [&](MessageEvidence& evidence) {
      evidence.spans.push_back(process_of(2, 12, 13));
      evidence.spans[1].unfinished = true;
      evidence.groups[0].committed = {committed(kOffset + 1, 150)};
      change(evidence);
    });
  };
  expect_verdicts({
      {"after a commit", [=] { return killed([](auto&) {}); }, State::kCommittedBeforeProcessing,
       "process_ended", Confidence::kProved},
      {"after its own commit, and not all is known",
       [=] {
         return killed([](MessageEvidence& evidence) {
           evidence.groups.clear();
           evidence.spans.push_back(commit(3, kOffset, 12.1, 12.2));
         });
       },
       State::kCommittedBeforeProcessing, "process_ended", Confidence::kProved},
      {"and not all is known",
       [=] { return killed([](auto& evidence) { evidence.groups[0].coverage = {}; }); }, State::kUnknown,
       "process_ended", Confidence::kUnknown},
      {"after a commit, and others may have had it",
       [=] { return killed([](auto& evidence) { evidence.groups[0].all_members_traced.reset(); }); },
       State::kUnknown, "process_ended", Confidence::kUnknown},
      {"before a commit",
       [=] {
         return killed([](auto& evidence) { evidence.groups[0].committed = {committed(kOffset, 150)}; });
       },
       State::kPending, "process_ended", Confidence::kLikely},
      {"and another one has it then",
       [=] { return killed([](auto& evidence) { evidence.spans.push_back(process_of(3, 20, 21)); }); },
       State::kProcessed, "at_another_try", Confidence::kProved},
  });
}

TEST(MessageWayTest, AClientThatDoesNotShowProcessing) {
  const auto polled = [](const std::function<void(MessageEvidence&)>& change) {
    return with(sent(), [&](MessageEvidence& evidence) {
      evidence.spans.push_back(poll(2, ref(kSend), kOffset, 12, 12.5));
      change(evidence);
    });
  };
  const auto shows_processing = [](MessageEvidence& evidence) {
    evidence.spans.push_back(other_processed(20, kOffset - 1, 9));
  };
  expect_verdicts({
      {"handed over", [=] { return polled([](auto&) {}); }, State::kReceived, "", Confidence::kProved},
      {"and committed",
       [=] {
         return polled([](auto& evidence) { evidence.groups[0].committed = {committed(kOffset + 1, 150)}; });
       },
       State::kReceived, "committed", Confidence::kProved},
      {"twice",
       [=] { return polled([](auto& e) { e.spans.push_back(poll(3, ref(kSend), kOffset, 20, 20.5)); }); },
       State::kDuplicated, "received_again", Confidence::kLikely},
      {"where others were seen to be processed", [=] { return polled(shows_processing); }, State::kInProgress,
       "", Confidence::kLikely},
  });
}

TEST(MessageWayTest, WhatTheGroupHasNotComeToIsPending) {
  expect_verdicts({
      {"not committed", [] { return sent(); }, State::kPending, "", Confidence::kProved},
      {"not committed, and not all is known",
       [] { return with(sent(), [](auto& evidence) { evidence.groups[0].coverage.is_sampled = true; }); },
       State::kPending, "", Confidence::kLikely},
      {"nothing committed",
       [] {
         return with(sent(), [](auto& evidence) { evidence.groups[0].committed = {committed(-1, 200)}; });
       },
       State::kPending, "", Confidence::kLikely},
      {"behind an open transaction",
       [] { return with(sent(), [](auto& evidence) { evidence.logs[0].stable_end = kOffset; }); },
       State::kPending, "open_transaction", Confidence::kProved},
      {"no broker is asked",
       [] {
         return with(sent(), [](MessageEvidence& evidence) {
           evidence.groups[0].committed.clear();
           evidence.spans.push_back(other_processed(20, kOffset - 1, 12));
         });
       },
       State::kPending, "", Confidence::kLikely},
      {"gone on without it, and not committed",
       [] {
         return with(passed(),
                     [](auto& evidence) { evidence.groups[0].committed = {committed(kOffset, 190)}; });
       },
       State::kPending, "passed_without_commit", Confidence::kLikely},
  });
}

TEST(MessageWayTest, ASkippedMessageIsProvedByAWholePicture) {
  const auto change = [](const std::function<void(MessageEvidence&)>& changed) {
    return with(passed(), changed);
  };
  expect_verdicts({
      {"by a seek", [] { return passed(); }, State::kSkipped, "seek", Confidence::kProved},
      {"by a new member",
       [=] { return change([](auto& evidence) { evidence.spans[2].instance = "billing-service-2"; }); },
       State::kSkipped, "reset", Confidence::kProved},
      {"by a new group",
       [=] { return change([](auto& evidence) { evidence.spans.erase(evidence.spans.begin() + 1); }); },
       State::kSkipped, "reset", Confidence::kProved},
      {"by somebody who set offsets",
       [=] { return change([](MessageEvidence& evidence) { evidence.spans.resize(1); }); }, State::kSkipped,
       "offsets_set", Confidence::kProved},
      {"and nobody knows what is committed",
       [=] { return change([](auto& evidence) { evidence.groups[0].committed.clear(); }); }, State::kSkipped,
       "seek", Confidence::kLikely},
      {"sampled",
       [=] { return change([](auto& evidence) { evidence.groups[0].coverage.is_sampled = true; }); },
       State::kUnknown, "", Confidence::kUnknown},
      {"dropped", [=] { return change([](auto& evidence) { evidence.groups[0].coverage.dropped = 1; }); },
       State::kUnknown, "", Confidence::kUnknown},
      {"a span is missing",
       [=] { return change([](auto& evidence) { evidence.groups[0].coverage.traced -= 1; }); },
       State::kUnknown, "", Confidence::kUnknown},
      {"without metrics",
       [=] { return change([](auto& evidence) { evidence.groups[0].coverage.counted.reset(); }); },
       State::kUnknown, "", Confidence::kUnknown},
      {"metrics are not so far yet",
       [=] { return change([](auto& evidence) { evidence.groups[0].coverage.until_ns = ns(13); }); },
       State::kUnknown, "", Confidence::kUnknown},
      {"metrics began later",
       [=] { return change([](auto& evidence) { evidence.groups[0].coverage.from_ns = ns(11); }); },
       State::kUnknown, "", Confidence::kUnknown},
      {"a client without telemetry",
       [=] {
         return change([](MessageEvidence& evidence) {
           evidence.spans.resize(1);
           evidence.groups[0].coverage = {};
         });
       },
       State::kUnknown, "", Confidence::kUnknown},
      {"a member without telemetry",
       [=] {
         return change([](MessageEvidence& evidence) {
           evidence.spans[2].start_ns = ns(20);
           evidence.groups[0].all_members_traced = false;
         });
       },
       State::kUnknown, "", Confidence::kUnknown},
      {"members that nobody asked for",
       [=] {
         return change([](MessageEvidence& evidence) {
           evidence.spans[2].start_ns = ns(20);
           evidence.groups[0].all_members_traced.reset();
         });
       },
       State::kUnknown, "", Confidence::kUnknown},
      {"members that nobody asked for, but one jumped at once",
       [=] { return change([](auto& evidence) { evidence.groups[0].all_members_traced.reset(); }); },
       State::kSkipped, "seek", Confidence::kProved},
      {"a batch that may hold it",
       [=] {
         return change([](MessageEvidence& evidence) {
           Span batch = poll(30, ref(900), -1, 12, 13);
           batch.messages = 500;
           batch.links = {link_to(ref(900), orders(kOffset - 2)), link_to(ref(901), orders(kOffset - 1))};
           evidence.spans.push_back(batch);
         });
       },
       State::kUnknown, "", Confidence::kUnknown},
      {"no message is known to be there",
       [=] {
         return change([](MessageEvidence& evidence) {
           evidence.spans.erase(evidence.spans.begin());
           evidence.presence = Presence::kNotAsked;
         });
       },
       State::kUnknown, "", Confidence::kUnknown},
  });
}

TEST(MessageWayTest, WhatIsGoneBeforeItWasReadIsExpired) {
  const auto gone = [](MessageEvidence evidence) {
    evidence.presence = Presence::kBeforeStart;
    evidence.logs = {log_of(kOffset + 1, 2'000, 195)};
    return evidence;
  };
  expect_verdicts({
      {"the group stands before it", [=] { return gone(sent()); }, State::kExpired, "retention",
       Confidence::kProved},
      {"the group was reset behind it", [=] { return gone(passed()); }, State::kExpired, "retention",
       Confidence::kLikely},
      {"it was there when the group passed it",
       [=] {
         return with(gone(passed()), [](auto& evidence) { evidence.logs.push_back(log_of(0, 2'000, 20)); });
       },
       State::kSkipped, "seek", Confidence::kProved},
      {"not all is known",
       [=] {
         return with(gone(sent()), [](auto& evidence) { evidence.groups[0].coverage.is_sampled = true; });
       },
       State::kUnknown, "retention", Confidence::kUnknown},
      {"it was read",
       [=] { return with(gone(sent()), [](auto& e) { e.spans.push_back(process_of(2, 12, 13)); }); },
       State::kProcessed, "", Confidence::kProved},
      {"the group stands before it, and ended long ago",
       [=] {
         return with(gone(sent()), [](MessageEvidence& evidence) {
           evidence.groups[0].coverage.until_ns = ns(40);
           evidence.now_ns = ns(1'000);
         });
       },
       State::kExpired, "retention", Confidence::kProved},
      {"a member without telemetry may have read it",
       [=] {
         return with(gone(sent()), [](auto& evidence) { evidence.groups[0].all_members_traced = false; });
       },
       State::kUnknown, "retention", Confidence::kUnknown},
      {"the group may have read it a moment ago",
       [=] {
         return with(gone(sent()), [](auto& evidence) { evidence.groups[0].coverage.until_ns = ns(150); });
       },
       State::kUnknown, "retention", Confidence::kUnknown},
      {"nobody reads it", [=] { return with(gone(sent()), [](auto& evidence) { evidence.groups.clear(); }); },
       State::kAcknowledged, "gone", Confidence::kProved},
  });
}

TEST(MessageWayTest, SaysWhatWouldMakeItSurer) {
  MessageEvidence evidence = passed();
  evidence.groups[0].coverage.traced = 5;
  const MessageWay way = explain(evidence);
  ASSERT_EQ(way.groups.size(), 1U);
  EXPECT_EQ(way.groups[0].verdict.missing.at(0), "all spans of the group: spans tell of 5 of 50 messages");
}

TEST(MessageWayTest, GroupsHaveVerdictsOfTheirOwnAndTheWorstIsTheMessages) {
  MessageEvidence evidence = sent();
  Span audited = process_of(2, 12, 13);
  audited.group = "audit";
  evidence.spans.push_back(audited);
  const MessageWay way = explain(evidence);
  ASSERT_EQ(way.groups.size(), 2U);
  EXPECT_EQ(way.groups[0].group, "audit");
  EXPECT_EQ(way.groups[0].verdict.state, State::kProcessed);
  EXPECT_EQ(way.groups[1].group, "billing");
  EXPECT_EQ(way.groups[1].verdict.state, State::kPending);
  EXPECT_EQ(way.verdict.state, State::kPending);
  EXPECT_EQ(way.verdict.text, "Group billing: The group has not come to it yet.");
}

TEST(MessageWayTest, TellsEachStepAndHowLongItTook) {
  MessageEvidence evidence = sent();
  evidence.spans.push_back(commit(4, kOffset, 15, 15.1));
  evidence.spans.push_back(process_of(3, 13, 15));
  evidence.spans.push_back(poll(2, ref(kSend), kOffset, 12, 12.5));
  evidence.spans[0].queue_ms = 400;
  const MessageWay way = explain(evidence);
  ASSERT_TRUE(way.produced);
  EXPECT_EQ(way.produced->service, "shop");
  EXPECT_EQ(way.produced->queue_ms, 400);
  EXPECT_EQ(way.message.context, ref(kSend));
  const GroupWay& group = way.groups.at(0);
  ASSERT_EQ(group.steps.size(), 3U);
  EXPECT_EQ(group.steps[0].kind, StepKind::kReceived);
  EXPECT_EQ(group.steps[1].kind, StepKind::kProcessed);
  EXPECT_EQ(group.steps[2].kind, StepKind::kCommitted);
  EXPECT_EQ(group.waited_ms, 1'500);
  EXPECT_EQ(group.end_to_end_ms, 5'000);
  EXPECT_EQ(group.committed, kOffset);
}

TEST(MessageWayTest, ClocksThatDisagreeGiveNoNegativeTime) {
  MessageEvidence evidence = sent();
  evidence.spans.push_back(process_of(3, 5, 6));
  const GroupWay group = explain(evidence).groups.at(0);
  EXPECT_EQ(group.waited_ms, 0);
  EXPECT_EQ(group.end_to_end_ms, 0);
  EXPECT_EQ(group.verdict.state, State::kProcessed);
}

TEST(MessageWayTest, FindsAMessageInABatchByItsLink) {
  MessageEvidence evidence = sent();
  Span batch = process(5, ref(900), -1, 12, 13);
  batch.parent_id = {};
  batch.messages = 2;
  batch.place = {"orders", 3, -1};
  batch.links = {link_to(ref(900), {"", -1, kOffset - 1}), link_to(ref(kSend), {"", -1, kOffset})};
  evidence.spans.push_back(batch);
  EXPECT_EQ(explain(evidence).verdict.state, State::kProcessed);
  evidence.spans[1].links[1].place = {};
  EXPECT_EQ(explain(evidence).verdict.state, State::kProcessed) << "by its context";
}

TEST(MessageWayTest, AMessageThatKeepsTheApplicationsOwnContextIsFoundByIt) {
  MessageEvidence evidence;
  evidence.context = ref(500, 9);
  evidence.spans = {send(kSend, kOffset, 10, 11), process(2, ref(500, 9), -1, 12, 13)};
  evidence.spans[0].kind = evidence::SpanKind::kClient;
  evidence.spans[0].links = {link_to(ref(500, 9))};
  const MessageWay way = explain(evidence);
  EXPECT_EQ(way.verdict.state, State::kProcessed);
  EXPECT_EQ(way.message.place, orders(kOffset));
}

TEST(MessageWayTest, TheSendOfABatchSaysNothingOfOneMessage) {
  MessageEvidence evidence = sent();
  evidence.spans[0].messages = 20;
  evidence.spans[0].place.offset = -1;
  evidence.spans[0].persistence = Persistence::kUnknown;
  evidence.spans.push_back(process(2, ref(kSend), kOffset - 1, 12, 13));
  EXPECT_EQ(explain(evidence).verdict.state, State::kPending);
}

TEST(MessageWayTest, FollowsWhatItCameFromAndWhatItLedTo) {
  MessageEvidence evidence = sent();
  Span before = send(50, 7, 1, 2);
  before.place = {"carts", 0, 7};
  before.key = "cart-7";
  Span cart = process(51, ref(50), 7, 3, 20);
  cart.place = {"carts", 0, 7};
  cart.group = "checkout";
  Span inner = plain(52, "shop", 4, 19);
  inner.parent_id = span_id(51);
  evidence.spans[0].parent_id = span_id(52);
  Span processing = process_of(2, 12, 15);
  Span after = send(60, 99, 13, 14);
  after.place = {"invoices", 1, 99};
  after.parent_id = span_id(2);
  for (const Span& span : {before, cart, inner, processing, after}) evidence.spans.push_back(span);
  const MessageWay way = explain(evidence);
  ASSERT_EQ(way.came_from.size(), 1U);
  EXPECT_EQ(way.came_from[0].place, (evidence::Place{"carts", 0, 7}));
  EXPECT_EQ(way.came_from[0].key, "cart-7");
  ASSERT_EQ(way.led_to.size(), 1U);
  EXPECT_EQ(way.led_to[0].place.topic, "invoices");
  EXPECT_EQ(way.led_to[0].context, ref(60));
}

TEST(MessageWayTest, RingsOfParentsHaveAnEnd) {
  MessageEvidence evidence = sent();
  Span left = plain(70, "shop", 4, 19);
  Span right = plain(71, "shop", 4, 19);
  left.parent_id = span_id(71);
  right.parent_id = span_id(70);
  evidence.spans[0].parent_id = span_id(70);
  evidence.spans.push_back(left);
  evidence.spans.push_back(right);
  evidence.spans.push_back(process_of(2, 12, 13));
  evidence.spans.back().parent_id = span_id(2);
  EXPECT_TRUE(explain(evidence).came_from.empty());
  EXPECT_EQ(explain(evidence).verdict.state, State::kProcessed);
}

TEST(MessageWayTest, NothingIsKnownOfNothing) {
  const MessageWay way = explain({});
  EXPECT_EQ(way.verdict.state, State::kUnknown);
  EXPECT_FALSE(way.verdict.missing.empty());
  EXPECT_FALSE(way.produced);
  EXPECT_TRUE(way.groups.empty());
}

TEST(MessageWayTest, TellsTheTextOfAnErrorFromItsLogRecord) {
  MessageEvidence evidence;
  evidence.context = ref(kSend);
  evidence.spans = {failed_send(kSend, "_MSG_TIMED_OUT", Persistence::kNotPersisted)};
  evidence.log_records.resize(1);
  evidence.log_records[0].trace_id = trace_id(1);
  evidence.log_records[0].span_id = span_id(kSend);
  evidence.log_records[0].text = "Local: Message timed out";
  EXPECT_EQ(explain(evidence).produced->error_text, "Local: Message timed out");
}

}  // namespace
}  // namespace waybill::analysis
