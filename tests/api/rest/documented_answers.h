// Checks answers against the OpenAPI document.
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
  // Uses the document of the served routes.
  DocumentedAnswers();
  ~DocumentedAnswers();

  // The error of the answer; empty if there is none.
  std::string Violation(const HttpRequest& request, const HttpResponse& response);

 private:
  // The answer's description; if there is none, an object that notes it in "missing".
  nlohmann::json Promise(const Match& match, int status) const;
  std::string BodyViolation(const std::string& name, const nlohmann::json& schema,
                            const std::string& body);

  const nlohmann::json document_;
  const Router router_;
  std::map<std::string, std::unique_ptr<valijson::Schema>> schemas_;  // parsed so far, by name
};

}  // namespace dcs::rest
