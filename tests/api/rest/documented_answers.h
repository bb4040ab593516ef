// Whether answers are those that the OpenAPI document promises.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "api/rest/http_message.h"
#include "api/rest/router.h"

namespace valijson {
class Schema;
}

namespace dcs::rest {

class DocumentedAnswers {
 public:
  // By the document of what is served.
  DocumentedAnswers();
  ~DocumentedAnswers();

  // What is wrong with the answer; empty where nothing is.
  std::string Violation(const HttpRequest& request, const HttpResponse& response);

 private:
  // The answer's description; where it has none, an object that says so in "missing".
  nlohmann::json Promise(const Match& match, int status) const;
  std::string BodyViolation(const std::string& name, const nlohmann::json& schema,
                            const std::string& body);

  const nlohmann::json document_;
  const Router router_;
  std::map<std::string, std::unique_ptr<valijson::Schema>> schemas_;  // parsed so far, by name
};

}  // namespace dcs::rest
