-- How a hook fares is shown at a glance: how much waits for its day is counted by hook.

create index delivery_waiting_hook on delivery (hook_id) where state = 0;
