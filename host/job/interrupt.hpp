#pragma once

namespace nextbest {

/// From now on SIGINT and SIGTERM ask the stages to stop (see throw_if_interrupted). A stage that has not heard after
/// a few seconds is ended without being asked, as is a second signal: everything on disk survives a kill.
void listen_for_interrupts();
/// Whether one of the two has arrived.
bool interrupted();

}  // namespace nextbest
