// The real server as a process of its own, on a free port, to be killed. It
// ends with the test, however that ends. The test owns it; one thread.
#ifndef BROADCASTD_FAULTS_SERVER_PROCESS_H_
#define BROADCASTD_FAULTS_SERVER_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace broadcast::test {

class ServerProcess {
 public:
  // Will run the server with these options; its log goes to `log`.
  ServerProcess(std::vector<std::string> options, std::string log);
  ~ServerProcess() { Kill(); }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Starts it and waits until it serves. Throws with its log if it does not.
  void Start();

  // Ends it as a crash would. Safe to repeat.
  void Kill();

  // "127.0.0.1:PORT", once it serves.
  const std::string& address() const { return address_; }

 private:
  // The port that the log tells since `offset`; 0 if it does not yet.
  int PortInLog(size_t offset) const;

  const std::vector<std::string> options_;
  const std::string log_;
  std::string address_;
  pid_t pid_ = -1;
};

}  // namespace broadcast::test

#endif  // BROADCASTD_FAULTS_SERVER_PROCESS_H_
