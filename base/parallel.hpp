#pragma once
#include <cstddef>
#include <functional>

namespace ll {

/// Threads that parallel_for uses; 0 asks for all cores. Results never depend on it.
void set_thread_count(std::size_t count);
std::size_t thread_count();

/// Calls body(begin, end) on disjoint ranges that cover [0, count), each of at least `grain` items but the last, on the
/// shared pool; returns when all are done. An exception of a body is rethrown here.
void parallel_for(std::size_t count, std::size_t grain, const std::function<void(std::size_t, std::size_t)>& body);

/// Runs both at once where a thread is free.
void parallel_invoke(const std::function<void()>& first, const std::function<void()>& second);

}  // namespace ll
