//! Lambda: publishes Booking's events from the table's stream and, on schedule, from the outbox.

service_kit::lambda_main!(outbox);
