#include "labs/semaphore/dining.hh"

#include <algorithm>

namespace weft::labs {

void take_lower_first(Forks forks, size_t seat) {
  // lab:semaphore begin 5
  const size_t other = (seat + 1) % forks.size();
  forks[std::min(seat, other)].acquire();
  forks[std::max(seat, other)].acquire();
  // lab:semaphore stub: panic("not implemented: lab semaphore, part 5");
  // lab:semaphore end
}

void sit_down_and_take(Forks forks, Semaphore& chairs, size_t seat) {
  // lab:semaphore begin 5
  chairs.acquire();
  take_left_first(forks, seat);
  // lab:semaphore stub: panic("not implemented: lab semaphore, part 5");
  // lab:semaphore end
}

void leave_table(Forks forks, Semaphore& chairs, size_t seat) {
  // lab:semaphore begin 5
  put_back(forks, seat);
  chairs.release();
  // lab:semaphore stub: panic("not implemented: lab semaphore, part 5");
  // lab:semaphore end
}

}  // namespace weft::labs
